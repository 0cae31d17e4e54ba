#!/bin/sh
# Runs the tests and writes their results as JUnit.
cd "$(dirname "$0")/.." || exit 2
mkdir -p reports
cases=''
status=0

check() { # name, expected, actual
  if [ "$2" = "$3" ]; then
    cases="$cases<testcase classname=\"greet\" name=\"$1\"/>"
  else
    cases="$cases<testcase classname=\"greet\" name=\"$1\"><failure message=\"expected $2\"/></testcase>"
    status=1
  fi
}

check world 'Hello, world' "$(sh greet.sh)"
check name 'Hello, Ada' "$(sh greet.sh Ada)"

printf '<testsuite name="greet">%s</testsuite>\n' "$cases" > reports/junit.xml
exit "$status"
