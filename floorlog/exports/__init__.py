"""Files of records: documents go in, pieces of a file come out; nothing is held but what is being written.

Each format is a module with one function that takes entries (a meeting's document and one of its records, as readers
see it) and a frame (how the file was asked for), and yields pieces of text. Records come by meeting, in it by start.
"""
