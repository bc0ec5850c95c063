"""What may be seen: coarsening, suppression, protected tables - and a verifier that shares no code with them.

Policy lives here (threshold, base, k); which columns identify is a fact of `schemas`.
"""
