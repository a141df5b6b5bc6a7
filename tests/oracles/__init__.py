"""Independent answers against which the engine is tested; nothing here shares code with it.

`riemann` exact waves, `linear_network` exact harmonics, `steady_vein` exact steady flow, `lumped` the
one-cell limit as an ordinary differential equation, `explicit_fv` a second scheme for whole networks,
`hard_patients` networks on which schemes break.
"""
