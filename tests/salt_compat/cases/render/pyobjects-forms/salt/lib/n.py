def one():
    return 'ONE'
