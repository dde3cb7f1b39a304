f: {{ sls }}-{{ slspath }}-{{ tplfile }}
