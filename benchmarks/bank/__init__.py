"""The bank of wrong targets, as an exam for whatever looks for divergences.

Each breaks one promise of EC2 under one condition, as emulators do, and is the plainest EC2 otherwise.
"""
