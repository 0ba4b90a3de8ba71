"""Reports: a stream of records, and what is made of it."""
