*SENSE:Minimize
NAME          schedule
ROWS
 N  OBJ
 E  one_life(F0)
 E  one_life(F1)
 L  budget(2026)
 L  budget(2027)
 L  budget(2028)
 L  budget(2029)
 E  fund(2026)
 E  fund(2027)
 E  fund(2028)
 E  fund(2029)
 L  funding(c0,2026)
 L  funding(c0,2027)
 L  funding(c0,2029)
 L  funding(c1,2027)
 L  funding(c1,2028)
 L  bond_share(p0,2027)
 L  bond_share(p0,2028)
 L  bond_share(p1,2026)
 L  bond_share(p1,2027)
 L  bond_share(p1,2029)
 L  works(2026)
 L  works(2027)
 L  works(2028)
 L  works(2029)
COLUMNS
    MARK      'MARKER'                 'INTORG'
    x(F0,0)   one_life(F0)   1.000000000000e0
    x(F0,0)   fund(2029)  -1.000000000000e0
    x(F0,0)   OBJ        2.300000000000e1
    MARK      'MARKER'                 'INTEND'
    MARK      'MARKER'                 'INTORG'
    x(F0,1)   one_life(F0)   1.000000000000e0
    x(F0,1)   budget(2026)   7.000000000000e0
    x(F0,1)   budget(2028)   3.000000000000e0
    x(F0,1)   budget(2029)   4.000000000000e0
    x(F0,1)   fund(2029)  -4.000000000000e0
    x(F0,1)   works(2026)   1.000000000000e0
    x(F0,1)   works(2028)   1.000000000000e0
    x(F0,1)   works(2029)   1.000000000000e0
    x(F0,1)   OBJ        5.700000000000e1
    MARK      'MARKER'                 'INTEND'
    MARK      'MARKER'                 'INTORG'
    x(F0,2)   one_life(F0)   1.000000000000e0
    x(F0,2)   budget(2027)   3.000000000000e0
    x(F0,2)   budget(2028)   5.000000000000e0
    x(F0,2)   budget(2029)   6.000000000000e0
    x(F0,2)   funding(c0,2027)  -3.000000000000e0
    x(F0,2)   funding(c0,2029)  -6.000000000000e0
    x(F0,2)   works(2027)   1.000000000000e0
    x(F0,2)   works(2028)   1.000000000000e0
    x(F0,2)   works(2029)   1.000000000000e0
    x(F0,2)   OBJ       -1.900000000000e1
    MARK      'MARKER'                 'INTEND'
    MARK      'MARKER'                 'INTORG'
    x(F0,3)   one_life(F0)   1.000000000000e0
    x(F0,3)   budget(2028)   5.000000000000e0
    x(F0,3)   budget(2029)   6.000000000000e0
    x(F0,3)   fund(2029)  -4.000000000000e0
    x(F0,3)   funding(c1,2028)  -5.000000000000e0
    x(F0,3)   works(2028)   1.000000000000e0
    x(F0,3)   works(2029)   1.000000000000e0
    x(F0,3)   OBJ        3.200000000000e1
    MARK      'MARKER'                 'INTEND'
    MARK      'MARKER'                 'INTORG'
    x(F1,0)   one_life(F1)   1.000000000000e0
    x(F1,0)   budget(2027)   4.000000000000e0
    x(F1,0)   budget(2029)   7.000000000000e0
    x(F1,0)   fund(2027)  -1.000000000000e0
    x(F1,0)   works(2027)   1.000000000000e0
    x(F1,0)   works(2029)   1.000000000000e0
    x(F1,0)   OBJ        2.000000000000e0
    MARK      'MARKER'                 'INTEND'
    MARK      'MARKER'                 'INTORG'
    x(F1,1)   one_life(F1)   1.000000000000e0
    x(F1,1)   budget(2029)   3.000000000000e0
    x(F1,1)   works(2029)   1.000000000000e0
    x(F1,1)   OBJ       -1.400000000000e1
    MARK      'MARKER'                 'INTEND'
    MARK      'MARKER'                 'INTORG'
    x(F1,2)   one_life(F1)   1.000000000000e0
    x(F1,2)   budget(2026)   1.000000000000e0
    x(F1,2)   budget(2027)   6.000000000000e0
    x(F1,2)   budget(2028)   7.000000000000e0
    x(F1,2)   budget(2029)   7.000000000000e0
    x(F1,2)   fund(2029)  -4.000000000000e0
    x(F1,2)   works(2026)   1.000000000000e0
    x(F1,2)   works(2027)   1.000000000000e0
    x(F1,2)   works(2028)   1.000000000000e0
    x(F1,2)   works(2029)   1.000000000000e0
    x(F1,2)   OBJ        4.300000000000e1
    MARK      'MARKER'                 'INTEND'
    MARK      'MARKER'                 'INTORG'
    x(F1,3)   one_life(F1)   1.000000000000e0
    x(F1,3)   budget(2028)   5.000000000000e0
    x(F1,3)   works(2028)   1.000000000000e0
    x(F1,3)   OBJ        3.000000000000e1
    MARK      'MARKER'                 'INTEND'
    MARK      'MARKER'                 'INTORG'
    x(F1,4)   one_life(F1)   1.000000000000e0
    x(F1,4)   budget(2026)   4.000000000000e0
    x(F1,4)   budget(2028)   4.000000000000e0
    x(F1,4)   funding(c1,2028)  -4.000000000000e0
    x(F1,4)   works(2026)   1.000000000000e0
    x(F1,4)   works(2028)   1.000000000000e0
    x(F1,4)   OBJ        4.400000000000e1
    MARK      'MARKER'                 'INTEND'
    draw(2026)  budget(2026)  -1.000000000000e0
    draw(2026)  fund(2026)   1.000000000000e0
    draw(2027)  budget(2027)  -1.000000000000e0
    draw(2027)  fund(2027)   1.000000000000e0
    draw(2028)  budget(2028)  -1.000000000000e0
    draw(2028)  fund(2028)   1.000000000000e0
    draw(2029)  budget(2029)  -1.000000000000e0
    draw(2029)  fund(2029)   1.000000000000e0
    deposit(2026)  budget(2026)   1.000000000000e0
    deposit(2026)  fund(2026)  -1.000000000000e0
    deposit(2027)  budget(2027)   1.000000000000e0
    deposit(2027)  fund(2027)  -1.000000000000e0
    deposit(2028)  budget(2028)   1.000000000000e0
    deposit(2028)  fund(2028)  -1.000000000000e0
    deposit(2029)  budget(2029)   1.000000000000e0
    deposit(2029)  fund(2029)  -1.000000000000e0
    fund(2026)  fund(2026)   1.000000000000e0
    fund(2026)  fund(2027)  -1.100000000000e0
    fund(2027)  fund(2027)   1.000000000000e0
    fund(2027)  fund(2028)  -1.100000000000e0
    fund(2028)  fund(2028)   1.000000000000e0
    fund(2028)  fund(2029)  -1.100000000000e0
    fund(2029)  fund(2029)   1.000000000000e0
    placed(p0,2027)  budget(2027)  -5.000000000000e-1
    placed(p0,2027)  funding(c1,2027)   1.000000000000e0
    placed(p0,2027)  bond_share(p0,2027)  -2.500000000000e-1
    placed(p0,2027)  OBJ       -4.622781065089e-1
    placed(p0,2028)  budget(2028)  -5.000000000000e-1
    placed(p0,2028)  funding(c1,2028)   1.000000000000e0
    placed(p0,2028)  bond_share(p0,2028)  -2.500000000000e-1
    placed(p0,2028)  OBJ       -4.444981793355e-1
    placed(p1,2026)  budget(2026)  -5.000000000000e-1
    placed(p1,2026)  funding(c0,2026)   1.000000000000e0
    placed(p1,2026)  bond_share(p1,2026)  -5.000000000000e-1
    placed(p1,2026)  OBJ       -4.807692307692e-1
    placed(p1,2027)  budget(2027)  -5.000000000000e-1
    placed(p1,2027)  funding(c0,2027)   1.000000000000e0
    placed(p1,2027)  bond_share(p1,2027)  -5.000000000000e-1
    placed(p1,2027)  OBJ       -4.622781065089e-1
    placed(p1,2029)  budget(2029)  -5.000000000000e-1
    placed(p1,2029)  funding(c0,2029)   1.000000000000e0
    placed(p1,2029)  bond_share(p1,2029)  -5.000000000000e-1
    placed(p1,2029)  OBJ       -4.274020955149e-1
    bond(p0,2027)  budget(2027)  -1.000000000000e0
    bond(p0,2027)  bond_share(p0,2027)   1.000000000000e0
    bond(p0,2027)  OBJ       -6.406949862993e-1
    bond(p0,2028)  budget(2028)  -1.000000000000e0
    bond(p0,2028)  bond_share(p0,2028)   1.000000000000e0
    bond(p0,2028)  OBJ       -6.160528714416e-1
    bond(p1,2026)  budget(2026)  -1.000000000000e0
    bond(p1,2026)  bond_share(p1,2026)   1.000000000000e0
    bond(p1,2026)  OBJ       -4.716167331575e-1
    bond(p1,2027)  budget(2027)  -1.000000000000e0
    bond(p1,2027)  bond_share(p1,2027)   1.000000000000e0
    bond(p1,2027)  OBJ       -4.534776280361e-1
    bond(p1,2029)  budget(2029)  -1.000000000000e0
    bond(p1,2029)  bond_share(p1,2029)   1.000000000000e0
    bond(p1,2029)  OBJ       -4.192655584653e-1
RHS
    RHS       one_life(F0)   1.000000000000e0
    RHS       one_life(F1)   1.000000000000e0
    RHS       budget(2026)   2.000000000000e0
    RHS       budget(2027)   2.000000000000e0
    RHS       budget(2028)   7.000000000000e0
    RHS       budget(2029)   3.000000000000e0
    RHS       fund(2026)   4.400000000000e0
    RHS       fund(2027)   0.000000000000e0
    RHS       fund(2028)   0.000000000000e0
    RHS       fund(2029)   0.000000000000e0
    RHS       funding(c0,2026)   0.000000000000e0
    RHS       funding(c0,2027)   0.000000000000e0
    RHS       funding(c0,2029)   0.000000000000e0
    RHS       funding(c1,2027)   0.000000000000e0
    RHS       funding(c1,2028)   0.000000000000e0
    RHS       bond_share(p0,2027)   0.000000000000e0
    RHS       bond_share(p0,2028)   0.000000000000e0
    RHS       bond_share(p1,2026)   0.000000000000e0
    RHS       bond_share(p1,2027)   0.000000000000e0
    RHS       bond_share(p1,2029)   0.000000000000e0
    RHS       works(2026)   1.000000000000e0
    RHS       works(2027)   1.000000000000e0
    RHS       works(2028)   1.000000000000e0
    RHS       works(2029)   1.000000000000e0
BOUNDS
 BV BND       x(F0,0) 
 BV BND       x(F0,1) 
 BV BND       x(F0,2) 
 BV BND       x(F0,3) 
 BV BND       x(F1,0) 
 BV BND       x(F1,1) 
 BV BND       x(F1,2) 
 BV BND       x(F1,3) 
 BV BND       x(F1,4) 
 FX BND       placed(p0,2027)   0.000000000000e0
 UP BND       placed(p0,2028)   9.000000000000e0
 FX BND       placed(p1,2026)   0.000000000000e0
 UP BND       placed(p1,2027)   3.000000000000e0
 UP BND       placed(p1,2029)   6.000000000000e0
 FX BND       bond(p0,2027)   0.000000000000e0
 UP BND       bond(p0,2028)   2.250000000000e0
 FX BND       bond(p1,2026)   0.000000000000e0
 UP BND       bond(p1,2027)   1.500000000000e0
 UP BND       bond(p1,2029)   3.000000000000e0
ENDATA
