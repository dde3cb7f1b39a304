"""What the states of files do: each looks first, says what would change, and changes it unless it is a trial."""
