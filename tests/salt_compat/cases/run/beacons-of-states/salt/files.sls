@TMP@/f1:
  file.managed:
    - contents: x
    - beacon: True
    - require:
      - test: n
@TMP@/f2:
  file.managed:
    - contents: x
    - beacon: False
@TMP@/f3:
  file.absent:
    - beacon: True
    - beacon_data: {interval: 5}
@TMP@/d:
  file.directory:
    - beacon: True
    - beacon_data:
        interval: 5
        mask: [create]
        recurse: True
        auto_add: True
        exclude: [a]
        coalesce: True
        other: 1
n:
  test.nop:
    - beacon: True
bad:
  file.managed:
    - name: relative
    - beacon: True
loud:
  test.succeed_with_changes:
    - listen_in:
      - test: n
late:
  test.nop:
    - onfail:
      - test: n
    - beacon: True
unwanted:
  file.managed:
    - name: @TMP@/f4
    - unless: "true"
    - beacon: True
