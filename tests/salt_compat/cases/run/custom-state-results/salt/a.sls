a:
  st.yes
b:
  st.zero
c:
  st.empty
d:
  st.number
e:
  st.nothing
f:
  st.words: [{x: 1}, {order: 3}, {require: []}, {unless: 'false'}]
g:
  own.run:
    - onlyif: 'false'
    - unless: 'true'
h:
  st.words:
    - listen:
      - st: a
