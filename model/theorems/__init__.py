"""What is proved of the specification: one English sentence each, beside its formula."""
