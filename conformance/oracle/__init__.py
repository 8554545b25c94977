"""The oracle: keeps what the world may be, and judges each reply by all that the specification permits."""
