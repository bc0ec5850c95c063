"""What people look at: templates, charts and words in nb and en, over figures that are already protected.

`protected.py` and `protected_matching.py` are the only files here that see an exact count. What does not
belong here: measuring and judging (`quality`), and any rule about disclosure (`disclosure`).
"""
