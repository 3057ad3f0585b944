#!/usr/bin/env bash
# The steps of action.yml: `action.sh wanted|build|judge|verdict`. The inputs of a workflow are
# environment variables (INPUT_…).
set -euo pipefail

# Sets an output of the step. The end mark cannot be guessed, so a value cannot add further outputs.
output() { # NAME VALUE
  local mark
  mark=$(mark)
  printf '%s<<%s\n%s\n%s\n' "$1" "$mark" "$2" "$mark" >>"$GITHUB_OUTPUT"
}

mark() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# A line that GitHub shows as an annotation. LEVEL is error, warning or notice.
annotate() { # LEVEL TEXT
  local text=${2//'%'/%25}
  text=${text//$'\r'/%0D}
  printf '::%s title=reconnect-acceptance::%s\n' "$1" "${text//$'\n'/%0A}"
}

# The folder of the binary, and a cache key from its sources and toolchain.
wanted() {
  command -v cargo >/dev/null || {
    annotate error "cargo is missing on this runner; install Rust 1.88 or later before this step"
    exit 1
  }
  local sums
  sums=$(
    cd "$GITHUB_ACTION_PATH"
    find Cargo.toml Cargo.lock build.rs src features -type f -exec sha256sum {} + | LC_ALL=C sort
    rustc -vV
    # A binary for this C library may not start with an older one.
    getconf GNU_LIBC_VERSION 2>/dev/null || true
  )
  output root "$RUNNER_TEMP/reconnect-acceptance"
  output key "reconnect-acceptance-$RUNNER_OS-$RUNNER_ARCH-$(sha256sum <<<"$sums" | cut -c1-32)"
}

# Builds in the action's own checkout, without the build settings of the workflow.
build() {
  cd "$GITHUB_ACTION_PATH"
  unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET CARGO_TARGET_DIR
  cargo install --locked --quiet --no-track --force --path . --root "$ROOT" --target-dir "$PWD/target"
}

# The input must be `true` or `false`.
truth() { # NAME VALUE
  case $2 in
    true) return 0 ;;
    false) return 1 ;;
  esac
  annotate error "$1 must be true or false, not \"$2\""
  refuse
}

# Ends the step with exit code 2, as the suite does for wrong usage; the last step fails.
refuse() {
  output exit-code 2
  output verdict ""
  output report-dir ""
  exit 0
}

# Passes an input on as a variable of the suite, unless it is empty: then a variable of the job remains.
hand_on() { # NAME VALUE
  [[ -z $2 ]] || export "RECONNECT_ACCEPTANCE_$1=$2"
}

# Whether an input, the job's variables or `args` name a server. Without one the suite would judge the bundled
# server, and pass.
names_a_server() {
  local line
  for line in "$INPUT_URL" "$INPUT_TARGET" "${RECONNECT_ACCEPTANCE_URL-}" "${RECONNECT_ACCEPTANCE_TARGET-}"; do
    [[ -z ${line//[[:space:]]/} ]] || return 0
  done
  while IFS= read -r line || [[ -n $line ]]; do
    case $line in --url | --url=?* | --target | --target=?*) return 0 ;; esac
  done <<<"$INPUT_ARGS"
  return 1
}

judge() {
  local arguments=(run) line folder=$INPUT_REPORT_DIR
  # The path is a pattern to the step that uploads the reports.
  case $folder in
    '' | *[*?]* | *'['* | *']'* | *"\\"* | *$'\n'* | *$'\r'*)
      annotate error "report-dir must name one folder, without any of * ? [ ] \\ and line breaks"
      refuse
      ;;
  esac
  [[ $folder == /* ]] || folder=$PWD/$folder
  if [[ -n $INPUT_TOKEN && -n $INPUT_TOKEN_ENV ]]; then
    annotate error "token and token-env exclude each other"
    refuse
  fi
  if truth self-test "$INPUT_SELF_TEST"; then
    if names_a_server; then
      annotate error "self-test judges the bundled server; leave it out to judge the server that url or target names"
      refuse
    fi
    unset RECONNECT_ACCEPTANCE_URL RECONNECT_ACCEPTANCE_TARGET
  elif ! names_a_server; then
    annotate error "no server to judge: url and target are empty; set url, for example to ws://localhost:7777/workflows/ws (is a variable or secret that it is made of not set?)"
    refuse
  fi
  hand_on URL "$INPUT_URL"
  hand_on TARGET "$INPUT_TARGET"
  hand_on WORKFLOW_ID "$INPUT_WORKFLOW_ID"
  hand_on MESSAGE "$INPUT_MESSAGE"
  hand_on TOKEN_ENV "$INPUT_TOKEN_ENV"
  [[ -z $INPUT_TOKEN ]] || export RECONNECT_ACCEPTANCE_TOKEN_ENV=INPUT_TOKEN
  hand_on CA_FILE "$INPUT_CA_FILE"
  hand_on KNOWN_FAILURES "$INPUT_KNOWN_FAILURES"
  hand_on TAGS "$INPUT_TAGS"
  export RECONNECT_ACCEPTANCE_REPORT_DIR=$folder
  if truth strict "$INPUT_STRICT"; then export RECONNECT_ACCEPTANCE_STRICT=true; fi
  if truth require-all "$INPUT_REQUIRE_ALL"; then export RECONNECT_ACCEPTANCE_REQUIRE_ALL=true; fi
  hand_on AS_OF "$INPUT_AS_OF"
  if truth allow-inconclusive "$INPUT_ALLOW_INCONCLUSIVE"; then :; fi
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    [[ -z $line ]] || arguments+=("--require=$line")
  done <<<"$INPUT_REQUIRE"
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    [[ -z $line ]] || arguments+=("$line")
  done <<<"$INPUT_ARGS"

  # A report of a previous step must not be taken for this one's.
  rm -f -- "$folder/report.json" "$folder/annotations.txt"
  # The output quotes the server, and GitHub would read lines of the log as commands.
  local mark code=0
  mark=$(mark)
  echo "::stop-commands::$mark"
  "$ROOT/bin/reconnect-acceptance" "${arguments[@]}" || code=$?
  printf '\n::%s::\n' "$mark"
  # One line for each cause of failures; what a server said is escaped in it.
  if [[ -f $folder/annotations.txt ]]; then
    grep -E '^::(error|warning|notice) ' -- "$folder/annotations.txt" || true
  fi

  output exit-code "$code"
  if [[ -f $folder/report.json ]]; then
    # Quoted text never fills a line of the file, so this is the verdict of the run.
    output verdict "$(sed -n 's/^  "verdict": "\([a-z_]*\)",\{0,1\}$/\1/p' "$folder/report.json")"
    output report-dir "$folder"
  else
    output verdict ""
    output report-dir ""
  fi
}

# Prints why the job fails, if it does.
verdict() {
  local level=error code=${EXIT_CODE:-70} why
  case $code in
    0) why="passed: every MUST requirement passed, or is a known failure" ;;
    1) why="failed: a requirement failed" ;;
    2) why="wrong usage or configuration; the step before says what is wrong" ;;
    3) why="inconclusive: nothing failed, but something could not be tested" ;;
    4) why="the list of known failures is out of date" ;;
    70) why="an error of the suite itself" ;;
    *) why="the suite was killed" ;;
  esac
  if [[ $code == 0 ]]; then
    echo "$why"
    exit 0
  fi
  if [[ $code == 3 && $INPUT_ALLOW_INCONCLUSIVE == true ]]; then
    annotate warning "$why (exit code 3, which this job allows)"
    exit 0
  fi
  annotate "$level" "$why (exit code $code); see the job's summary and the uploaded reports"
  exit "$code"
}

case ${1-} in
  wanted | build | judge | verdict) "$1" ;;
  *)
    echo "action.sh wanted|build|judge|verdict, not: ${1-}" >&2
    exit 2
    ;;
esac
