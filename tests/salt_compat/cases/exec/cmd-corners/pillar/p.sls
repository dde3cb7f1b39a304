x: pv
