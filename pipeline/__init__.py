"""WORK. Pure functions, frames in, frames out; the doors to the world are few and named.

Disk: `tables` and the publisher in `releases`. Databases and deliveries: `sources`. Keys:
`identity.keys`. Environment: `config`. Nothing here knows Dagster; nothing here imports `cli`.
"""
