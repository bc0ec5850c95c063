"""What coarsening costs the researcher: detail, shares of outcomes, coefficients, and what a model can tell.

Every figure is measured from two frames, the table before and what is released of it, and knows nothing of
how the recoding was found. The figures are exact: what may be shown of them is `certificate`'s to say. Sums
run over distinct combinations in one order, so the same rows in any order give the same figures.
"""
