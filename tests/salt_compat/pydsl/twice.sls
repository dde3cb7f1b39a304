include:
  - lib.r3
  - functions_of_module
