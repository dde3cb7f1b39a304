{{ none.x }}
