"""Attacks on a released table: each tries what an attacker would, and says how often it is right by chance.

All attackers are given the released rows, and the class that their target stands in: the worst case, for a
class found by levels that differ may be hard to find. Every figure is exact or dealt from a declared seed, so
the same rows in any order give the same figures. What does not belong here: what may be shown of them
(`certificate`), and the search for a recoding (`engine`).
"""
