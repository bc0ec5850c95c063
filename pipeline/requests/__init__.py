"""What projects ask for: the request file, its checks and its refusals. Never the data itself."""
