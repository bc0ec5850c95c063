"""From what is linked to what a project holds: build, describe, certify, publish, verify.

A release is a folder that can be used, cited and verified without this program. Nothing appears in it
before the independent verifier has passed the files as written.
"""
