"""Measure a log of the floor against the truth of a meeting; docs/evaluation.md defines every figure.

`truth` and `logged` read both sides into one form; `stretches`, `judging`, `word_errors` and `latency` compare them;
`meeting` counts what one meeting gives, turn by turn; `pool` and `pooling` make scores of the counts.
"""
