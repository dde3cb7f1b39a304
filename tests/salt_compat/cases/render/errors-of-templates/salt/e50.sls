{{ caller() }}
