import JSON
import YAML

extension EditCase {
  static let block: [EditCase] = [
    EditCase(
      name: "a member goes behind the others and before the comment of what follows",
      before: "# head\nspec: # of the spec\n  a: 1   # one\n  # about b\n  b: 'two'\n\n# about next\nnext: true\n",
      patch: ["spec": ["tls": 1]],
      after:
        "# head\nspec: # of the spec\n  a: 1   # one\n  # about b\n  b: 'two'\n  tls: 1\n\n# about next\nnext: true\n"
    ),
    EditCase(
      name: "comments at the end of a mapping stay with it",
      before: "spec:\n  a: 1\n  # b: 2\n\n  # c: 3\nnext: 1\n",
      patch: ["spec": ["tls": 1]],
      after: "spec:\n  a: 1\n  # b: 2\n\n  # c: 3\n  tls: 1\nnext: 1\n"
    ),
    EditCase(
      name: "a comment that is indented less belongs to what follows",
      before: "spec:\n  config:\n    a: 1\n  # components\n  components: {}\n",
      patch: ["spec": ["config": ["tls": 1]]],
      after: "spec:\n  config:\n    a: 1\n    tls: 1\n  # components\n  components: {}\n"
    ),
    EditCase(
      name: "missing parents are written with the indentation around them",
      before: "spec:\n    config:\n        a: 1\n",
      patch: ["spec": ["config": ["common": ["security": ["mode": 1]]]]],
      after: "spec:\n    config:\n        a: 1\n        common:\n            security:\n                mode: 1\n"
    ),
    EditCase(
      name: "several levels end on one line",
      before: "a:\n  b:\n    c: 1\n",
      patch: ["a": ["b": ["tls": 1], "tls": 2], "tls": 3],
      after: "a:\n  b:\n    c: 1\n    tls: 1\n  tls: 2\ntls: 3\n"
    ),
    EditCase(
      name: "an empty value is filled in its line",
      before: "http:\n  port:  # of REST\n  enabled: true\n",
      patch: ["http": ["port": 8080]],
      after: "http:\n  port: 8080  # of REST\n  enabled: true\n",
      changedLines: 1
    ),
    EditCase(
      name: "an empty value gets lines below it and its comments",
      before: "spec:\n  config:\n    # nothing yet\n  mode: x\n",
      patch: ["spec": ["config": ["tls": 1]]],
      after: "spec:\n  config:\n    # nothing yet\n    tls: 1\n  mode: x\n"
    ),
    EditCase(
      name: "empty collections become block style",
      before: "volumes: []\nconfig: {} # none\nnothing: ~\nend: 1\n",
      patch: ["volumes": [["name": "certs"]], "config": ["tls": 1], "nothing": ["tls": 2]],
      after: "volumes:\n  - name: certs\nconfig: # none\n  tls: 1\nnothing:\n  tls: 2\nend: 1\n",
      changedLines: 3
    ),
    EditCase(
      name: "a scalar gets another value and keeps its comment and quotes",
      before: "a: 0   # off\nb: \"x\"\nc: 'y'\nd: z\n",
      patch: ["a": 1, "b": "1", "c": "it's", "d": "on"],
      after: "a: 1   # off\nb: \"1\"\nc: 'it''s'\nd: \"on\"\n",
      changedLines: 4
    ),
    EditCase(
      name: "Windows line ends",
      before: "spec:\r\n  a: 1 # one\r\n\r\nnext: 1\r\n",
      patch: ["spec": ["tls": ["path": "/certs"]]],
      after: "spec:\r\n  a: 1 # one\r\n  tls:\r\n    path: /certs\r\n\r\nnext: 1\r\n"
    ),
    EditCase(
      name: "no line break at the end",
      before: "spec:\n  a: 1",
      patch: ["spec": ["tls": ["path": "/certs"]], "tls": 2],
      after: "spec:\n  a: 1\n  tls:\n    path: /certs\ntls: 2"
    ),
    EditCase(
      name: "Windows line ends without one at the end",
      before: "a: 1\r\nb: 2",
      patch: ["tls": ["path": "/certs"]],
      after: "a: 1\r\nb: 2\r\ntls:\r\n  path: /certs"
    ),
    EditCase(
      name: "a byte order mark",
      before: "\u{feff}a:\n  b: 1\n",
      patch: ["a": ["tls": 1]],
      after: "\u{feff}a:\n  b: 1\n  tls: 1\n"
    ),
    EditCase(
      name: "an anchor that nobody uses",
      before: "a: &x\n  b: 1\nc: &y d\n",
      patch: ["a": ["tls": 1]],
      after: "a: &x\n  b: 1\n  tls: 1\nc: &y d\n"
    ),
    EditCase(
      name: "an own member beside a merge key",
      before: "base: &base\n  a: 1\nown:\n  <<: *base # inherited\n  b: 2\n",
      patch: ["own": ["tls": 1]],
      after: "base: &base\n  a: 1\nown:\n  <<: *base # inherited\n  b: 2\n  tls: 1\n"
    ),
    EditCase(
      name: "quoted keys, long plain scalars and other scripts",
      before: "\"a b\":\n  'c': word\n    goes on\n  # 注释\n  é: \"中文\"\n",
      patch: ["a b": ["tls": 1]],
      after: "\"a b\":\n  'c': word\n    goes on\n  # 注释\n  é: \"中文\"\n  tls: 1\n"
    ),
    EditCase(
      name: "values that would mean something else get quotes",
      before: "a: 1\n",
      patch: ["b": "8080:8080", "c": "true", "d": "", "e": "x: y", "f": "*", "g": "${DIR:-.}/tls:/tls", "h": "a\tb"],
      after:
        "a: 1\nb: \"8080:8080\"\nc: \"true\"\nd: \"\"\ne: \"x: y\"\nf: \"*\"\ng: ${DIR:-.}/tls:/tls\nh: \"a\\tb\"\n"
    ),
  ]

  static let sequences: [EditCase] = [
    EditCase(
      name: "elements go behind the others with their comments",
      before: "list:\n  - name: a # first\n    # about a\n    path: x\nnext: 1\n",
      patch: ["list": [["name": "a", "path": "x"], ["path": "w", "name": "b"]]],
      after: "list:\n  - name: a # first\n    # about a\n    path: x\n  - name: b\n    path: w\nnext: 1\n"
    ),
    EditCase(
      name: "dashes under their key stay there",
      before: "volumes:\n- name: a\n# about mounts\nmounts:\n- name: m\n",
      patch: ["volumes": [["name": "a"], ["name": "b", "secret": ["secretName": "s"]]], "tls": [1]],
      after:
        "volumes:\n- name: a\n- name: b\n  secret:\n    secretName: s\n# about mounts\nmounts:\n- name: m\ntls:\n- 1\n"
    ),
    EditCase(
      name: "strings get the quotes of those before them",
      before: "ports:\n  - \"19530:19530\"\n  - '9091:9091' # metrics\nother:\n  - \"a\"\n",
      patch: ["ports": ["19530:19530", "9091:9091", "8080:8080"], "other": ["a", "b"]],
      after: "ports:\n  - \"19530:19530\"\n  - '9091:9091' # metrics\n  - '8080:8080'\nother:\n  - \"a\"\n  - \"b\"\n"
    ),
    EditCase(
      name: "a member of an element",
      before: "list:\n  - name: a\n    # of a\n  -   name: b\nnext: 1\n",
      patch: ["list": [["name": "a", "tls": 1], ["name": "b", "tls": 2]]],
      after: "list:\n  - name: a\n    # of a\n    tls: 1\n  -   name: b\n      tls: 2\nnext: 1\n"
    ),
    EditCase(
      name: "a sequence with an anchor",
      before: "a: &list\n  - 1\nb: 2\n",
      patch: ["a": [1, 2]],
      after: "a: &list\n  - 1\n  - 2\nb: 2\n"
    ),
  ]

  static let flow: [EditCase] = [
    EditCase(
      name: "a mapping and a sequence on one line",
      before: "spec: {a: 1, list: [x]} # flow\nnext: 1\n",
      patch: ["spec": ["tls": ["path": "/certs"], "list": ["x", "w"]]],
      after: "spec: {a: 1, list: [x, w], tls: {path: /certs}} # flow\nnext: 1\n",
      changedLines: 1
    ),
    EditCase(
      name: "as in JSON",
      before: "{\"a\": {\"b\": 1}, \"c\": [\"d\"]}\n",
      patch: ["a": ["tls": "x"], "c": ["d", "e"]],
      after: "{\"a\": {\"b\": 1, \"tls\": \"x\"}, \"c\": [\"d\", \"e\"]}\n",
      changedLines: 1
    ),
    EditCase(
      name: "a comma at the end",
      before: "a: [1, 2, ]\nb: {c: 1,}\n",
      patch: ["a": [1, 2, 3], "b": ["tls": 1]],
      after: "a: [1, 2, 3, ]\nb: {c: 1, tls: 1,}\n",
      changedLines: 2
    ),
    EditCase(
      name: "a line an element",
      before: "a: [\n  x, # one\n  w, # two\n]\n",
      patch: ["a": ["x", "w", "z"]],
      after: "a: [\n  x, # one\n  w, # two\n  z,\n]\n"
    ),
    EditCase(
      name: "a line an element without a comma at the end",
      before: "a: {\n  x: 1, # one, first\n  y: 2 # two\n}\n",
      patch: ["a": ["tls": 1]],
      after: "a: {\n  x: 1, # one, first\n  y: 2, # two\n  tls: 1\n}\n",
      changedLines: 1
    ),
    EditCase(
      name: "empty ones in flow style",
      before: "a: {b: {}, c: [], d: , e: null}\n",
      patch: ["a": ["b": ["tls": 1], "c": [1], "d": 2, "e": 3]],
      after: "a: {b: {tls: 1}, c: [1], d: 2, e: 3}\n",
      changedLines: 1
    ),
  ]

  static let strings: [EditCase] = [
    EditCase(
      name: "lines are added in a literal block",
      before: "files:\n  user.yaml: |+\n    # mine\n    a: # one\n      b: 1\n\nnext: 1\n",
      embedded: ["/files/user.yaml": ["a": ["tls": 1], "tls": ["path": "/certs"]]],
      after:
        "files:\n  user.yaml: |+\n    # mine\n    a: # one\n      b: 1\n      tls: 1\n    tls:\n      path: /certs\n\nnext: 1\n"
    ),
    EditCase(
      name: "a block of comments alone",
      before: "f:\n  u: |\n    # a:\n    #   b: 1\nnext: 1\n",
      embedded: ["/f/u": ["tls": 1]],
      after: "f:\n  u: |\n    # a:\n    #   b: 1\n    tls: 1\nnext: 1\n"
    ),
    EditCase(
      name: "a missing string is written as a block",
      before: "f:\n  other: |\n    x\n",
      embedded: ["/f/u": ["tls": ["path": "/certs"]]],
      after: "f:\n  other: |\n    x\n  u: |\n    tls:\n      path: /certs\n"
    ),
    EditCase(
      name: "an empty string and a missing parent",
      before: "a: \"\" # to fill\n",
      embedded: ["/a": ["tls": 1], "/f/u": ["tls": 2]],
      after: "a: | # to fill\n  tls: 1\nf:\n  u: |\n    tls: 2\n",
      changedLines: 1
    ),
    EditCase(
      name: "without a line break at the end, and with Windows line ends",
      before: "f:\r\n  u: |-\r\n    a: 0 # off\r\n    b: 2",
      embedded: ["/f/u": ["a": 1, "tls": 1]],
      after: "f:\r\n  u: |-\r\n    a: 1 # off\r\n    b: 2\r\n    tls: 1",
      changedLines: 1
    ),
    EditCase(
      name: "a member behind a block with line breaks at its end",
      before: "a:\n  b: |+\n    text\n\n\n# tail\n",
      patch: ["a": ["tls": 1]],
      after: "a:\n  b: |+\n    text\n\n\n  tls: 1\n# tail\n"
    ),
    EditCase(
      name: "a member behind a block",
      before: "a:\n  b: |\n    text\n    # no comment\n\nc: 1\n",
      patch: ["a": ["tls": 1]],
      after: "a:\n  b: |\n    text\n    # no comment\n  tls: 1\n\nc: 1\n"
    ),
  ]

  static let documents: [EditCase] = [
    EditCase(
      name: "one of several",
      document: 1,
      before: "# first\na: 1\n---\n# second\nb:\n  c: 1\n...\n---\nd: 1\n",
      patch: ["b": ["tls": 1]],
      after: "# first\na: 1\n---\n# second\nb:\n  c: 1\n  tls: 1\n...\n---\nd: 1\n"
    ),
    EditCase(
      name: "the first of several",
      before: "a:\n  b: 1\n---\nc: 1\n",
      patch: ["tls": ["path": "/certs"]],
      after: "a:\n  b: 1\ntls:\n  path: /certs\n---\nc: 1\n"
    ),
    EditCase(
      name: "an empty document between others",
      document: 1,
      before: "a: 1\n---\n# nothing\n---\nb: 1\n",
      patch: ["tls": ["path": "/certs"]],
      after: "a: 1\n---\n# nothing\ntls:\n  path: /certs\n---\nb: 1\n"
    ),
    EditCase(
      name: "comments alone",
      before: "# nothing\n# here\n",
      patch: ["tls": ["path": "/certs"]],
      after: "# nothing\n# here\ntls:\n  path: /certs\n"
    ),
    EditCase(
      name: "nothing at all",
      before: "",
      patch: ["tls": ["path": "/certs"]],
      after: "tls:\n  path: /certs\n"
    ),
    EditCase(
      name: "directives",
      before: "%YAML 1.1\n---\na: 1\n",
      patch: ["tls": ["path": "/certs"]],
      after: "%YAML 1.1\n---\na: 1\ntls:\n  path: /certs\n"
    ),
  ]
}
