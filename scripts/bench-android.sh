#!/bin/sh
# Measures a model on an Android phone that is attached by USB, on each kind of its cores, and prints a table.
#
#   sh scripts/bench-android.sh MODEL [OPTION...]      (--help lists the options; docs/device-benchmark.md)
#
# It pushes augur-bench and the model into a folder of its own below /data/local/tmp, runs them, pulls the results and
# removes the folder. It changes no setting of the phone. Needs adb, Python 3, and a build for Android.
# Environment: ANDROID_SERIAL chooses the phone; ADB is the program, else adb on PATH or in ANDROID_HOME/platform-tools.
set -u
. "$(dirname "$0")/common.sh"

usage() {
  cat <<END
usage: sh scripts/bench-android.sh MODEL [OPTION...]
  --out FOLDER         where the device's JSON goes (default build/bench-android)
  --serial SERIAL      the phone, if several are attached; as ANDROID_SERIAL
  --abi ABI            arm64-v8a, armeabi-v7a or x86_64 (default: the phone's own)
  --build FOLDER       the build for the ABI (default build/android-arm64, -armv7, -x86_64)
  --host PROGRAM       this machine's augur-bench, whose scores are compared (default build/host/bin/augur-bench)
  --candidates N,...   as augur-bench's (default 10,100)
  --history N,...      as augur-bench's (default 50)
  --threads N,...      as augur-bench's (default 1)
  --seconds X          how long each figure is measured back to back (default 0.5)
  --pace MS            milliseconds from one call to the next in the paced runs (default 50)
  --calls N            calls of each figure in the paced runs (default 100)
  --table NAME=FILE    the sidecar file of a table; may be repeated
  --tolerance T        of a score (default 1e-6; for models with int8 parts 1e-3)
  --wait SECONDS       how long a hot phone may cool down before each run (default 120)
  --hot                measures a hot phone, too
END
}

say() { printf '%s\n' "$*"; }
refuse() { augur_fail "bench-android.sh: $*"; }
usage_error() {
  printf 'bench-android.sh: %s\n' "$*" >&2
  usage >&2
  exit 2
}

model='' out=$augur_root/build/bench-android serial=${ANDROID_SERIAL-}
abi='' build='' host=$augur_root/build/host/bin/augur-bench
candidates=10,100 history=50 threads=1 seconds=0.5 pace=50 calls=100 tolerance=1e-6 wait=120 hot=no tables=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --hot) hot=yes; shift; continue ;;
    --out | --serial | --abi | --build | --host | --candidates | --history | --threads | --seconds | --pace | --calls | \
      --table | --tolerance | --wait)
      [ $# -gt 1 ] || usage_error "$1: a value is missing" ;;
    -*) usage_error "there is no option '$1'" ;;
    *)
      [ -z "$model" ] || usage_error "expected one model, came '$model' and '$1'"
      model=$1
      shift
      continue ;;
  esac
  case $1 in
    --out) out=$2 ;;
    --serial) serial=$2 ;;
    --abi) abi=$2 ;;
    --build) build=$2 ;;
    --host) host=$2 ;;
    --table) tables="$tables$2
" ;;
    --tolerance) tolerance=$2 ;;
    *)
      case $2 in *[!0-9.,]* | '') usage_error "$1: expected numbers such as 10,100; came '$2'" ;; esac
      case $1 in
        --candidates) candidates=$2 ;;
        --history) history=$2 ;;
        --threads) threads=$2 ;;
        --seconds) seconds=$2 ;;
        --pace) pace=$2 ;;
        --calls) calls=$2 ;;
        --wait)
          case $2 in *[!0-9]* | ??????*) usage_error "--wait: expected whole seconds, 99999 at most; came '$2'" ;; esac
          wait=$(expr "$2" + 0) ;;  # without zeros at its beginning, which would make it octal
      esac ;;
  esac
  shift 2
done
[ -n "$model" ] || usage_error "the model is missing"
[ -f "$model" ] || refuse "$model: there is no such file; give a model that augur-convert made"
command -v python3 >/dev/null 2>&1 || refuse "python3 is missing; install Python 3"

# ------------------------------------------------------------------------------------------------------ the phone

find_adb() {
  adb=${ADB-}
  if [ -n "$adb" ]; then
    command -v "$adb" >/dev/null 2>&1 || refuse "ADB is '$adb', and there is no such program"
    return 0
  fi
  adb=$(command -v adb) && return 0
  for adb in "${ANDROID_HOME-}/platform-tools/adb" "${ANDROID_SDK_ROOT-}/platform-tools/adb"; do
    [ ! -x "$adb" ] || return 0
  done
  refuse "adb is missing: it is neither on PATH nor in ANDROID_HOME/platform-tools. Install Android's platform tools
(Debian: apt-get install adb), or set ADB to the program"
}

# Chooses the phone: $serial, or the only one attached.
choose_device() {
  "$adb" devices </dev/null >"$work/devices" 2>"$work/errors" || refuse "'$adb devices' fails: $(cat "$work/errors")"
  tr -d '\r' <"$work/devices" | awk -F '\t' 'NF == 2 && $1 != "" { print $1 " " $2 }' >"$work/list"
  attached=$(sed 's/ .*//' "$work/list" | tr '\n' ' ')
  if [ -z "$serial" ]; then
    case $(wc -l <"$work/list" | tr -d ' ') in
      0) refuse "no phone is attached. Connect one by USB, and switch on USB debugging in its developer options;
'adb devices' must list it" ;;
      1) serial=${attached% } ;;
      *) refuse "several phones are attached: ${attached% }.
Choose one: --serial ${attached%% *}, or ANDROID_SERIAL=${attached%% *}" ;;
    esac
  fi
  state=$(awk -v serial="$serial" '$1 == serial { sub(/^[^ ]* /, ""); print }' "$work/list")
  case $state in
    device*) ;;
    '') refuse "there is no phone '$serial'; attached are: ${attached:-none}" ;;
    unauthorized*) refuse "the phone $serial does not trust this computer yet. Unlock it, accept 'Allow USB debugging?', and
run this again" ;;
    offline*) refuse "the phone $serial is offline. Unlock it, pull the cable and plug it in again, or run 'adb reconnect'" ;;
    'no permissions'*) refuse "this user may not use the phone $serial ($state). On Linux, add a udev rule for it
(Debian: apt-get install android-sdk-platform-tools-common), and plug it in again" ;;
    *) refuse "the phone $serial is in the state '$state'; start it as usual" ;;
  esac
}

# on_phone COMMAND: runs a command of the phone's shell; its output goes to $work/answer. Returns the command's own exit
# status, which old versions of adb do not pass on. Ends the script if the connection is lost.
on_phone() {
  "$adb" -s "$serial" shell "$1; echo augur-status=\$?" </dev/null >"$work/raw" 2>"$work/errors"
  tr -d '\r' <"$work/raw" >"$work/lines"
  phone_status=$(sed -n '$s/^.*augur-status=\([0-9]\{1,3\}\)$/\1/p' "$work/lines")
  [ -n "$phone_status" ] ||
    refuse "the connection to the phone $serial is lost: $(cat "$work/errors" "$work/lines" | tail -n 3)"
  sed '$s/augur-status=[0-9]*$//' "$work/lines" >"$work/answer"
  return "$phone_status"
}

property() { sed -n "s/^\\[$1\\]: \\[\\(.*\\)\\]\$/\\1/p" "$work/properties" | head -n 1; }

check_device() {
  on_phone getprop || refuse "getprop fails on the phone $serial: $(cat "$work/answer")"
  cp "$work/answer" "$work/properties"
  api=$(property ro.build.version.sdk)
  case $api in
    '' | *[!0-9]*) refuse "the phone $serial does not tell its Android version (ro.build.version.sdk is '$api')" ;;
  esac
  [ "$api" -ge 21 ] || refuse "the phone $serial has Android $(property ro.build.version.release) (API $api);
Augur needs Android 5.0 (API 21) or newer"
  abis=$(property ro.product.cpu.abilist)
  own_abi=$(property ro.product.cpu.abi)
  : "${abi:=$own_abi}"
  case ",${abis:-$own_abi}," in
    *",$abi,"*) ;;
    *) refuse "the phone $serial cannot run $abi; it runs ${abis:-$own_abi}" ;;
  esac
  case $abi in
    arm64-v8a) preset=android-arm64 ;;
    armeabi-v7a) preset=android-armv7 ;;
    x86_64) preset=android-x86_64 ;;
    *) refuse "the phone $serial has the ABI $abi; there are builds for arm64-v8a, armeabi-v7a and x86_64" ;;
  esac
  : "${build:=$augur_root/build/$preset}"
  program=$build/bin/augur-bench
  [ -f "$program" ] || refuse "$program is missing. Build it:
  cmake --preset $preset && cmake --build --preset $preset --target augur-bench"
}

# ------------------------------------------------------------------------------------------------------ what is pushed

# push FILE NAME: copies a file and checks its length, because old versions of adb hide a failure.
push() {
  size=$(wc -c <"$1" | tr -d ' ')
  "$adb" -s "$serial" push "$1" "$folder/$2" </dev/null >"$work/copied" 2>&1
  pushed=$?
  on_phone "ls -l '$folder/$2'"
  case $pushed:$(tr '\n' ' ' <"$work/answer") in
    0:*" $size "*) return 0 ;;
  esac
  refuse "$1: cannot be copied to $folder/$2 of the phone $serial ($size bytes): $(tail -n 2 "$work/copied" | tr -d '\r')
Is there room? 'adb shell df /data' tells"
}

push_all() {
  on_phone "mkdir '$folder'" || refuse "the folder $folder cannot be made on the phone $serial: $(cat "$work/answer")"
  made=yes
  strip=$(sed -n 's/^CMAKE_STRIP:FILEPATH=//p' "$build/CMakeCache.txt" 2>/dev/null)
  if [ -z "$strip" ] || ! "$strip" -o "$work/augur-bench" "$program" 2>/dev/null; then cp "$program" "$work/augur-bench"; fi
  push "$work/augur-bench" augur-bench
  on_phone "chmod 755 '$folder/augur-bench'" || refuse "augur-bench cannot be made executable on the phone: $(cat "$work/answer")"
  push "$model" model.augur
  phone_tables='' number=0
  set --
  while IFS= read -r table; do
    [ -n "$table" ] || continue
    number=$((number + 1)) name=${table%%=*} file=${table#*=}
    case $table in
      *"'"*) refuse "--table $table: expected a name and a file without a quote" ;;
      ?*=?*) ;;
      *) refuse "--table $table: expected NAME=FILE" ;;
    esac
    [ -f "$file" ] || refuse "--table $table: there is no file $file"
    push "$file" "table$number.augur"
    phone_tables="$phone_tables --table '$name=table$number.augur'"
  done <<END
$tables
END
}

clean_up() {
  [ "$made" = no ] || "$adb" -s "$serial" shell "rm -r '$folder'" </dev/null >/dev/null 2>&1
  rm -rf "$work"
}

# ------------------------------------------------------------------------------------------------------ runs

# conditions FILE: clocks, sensors, battery, thermal status and battery saver, in the form that bench_android.py reads.
conditions() {
  on_phone 'for c in /sys/devices/system/cpu/cpu[0-9]*; do f=$c/cpufreq
highest=$(cat $f/cpuinfo_max_freq 2>/dev/null) governor=$(cat $f/scaling_governor 2>/dev/null)
now=$(cat $f/scaling_cur_freq 2>/dev/null) online=$(cat $c/online 2>/dev/null)
echo "clock|${c##*/cpu}|$highest|$governor|$now|$online"; done
for z in /sys/class/thermal/thermal_zone*; do echo "zone|$(cat $z/type 2>/dev/null)|$(cat $z/temp 2>/dev/null)"; done
echo "== battery"; dumpsys battery 2>/dev/null; echo "== thermal"; dumpsys thermalservice 2>/dev/null
echo "== saver"; settings get global low_power 2>/dev/null; true'
  cp "$work/answer" "$1"
}

# Whether the phone slows its processor down: Android's thermal status 2 (moderate) and above.
is_hot() {
  thermal=$(sed -n 's/^ *Thermal Status: \([2-9]\).*/\1/p' "$1")
  [ -n "$thermal" ]
}

# Reads the conditions into a file; waits until a hot phone has cooled down.
conditions_before() {
  waited=0
  conditions "$1"
  while is_hot "$1" && [ $hot = no ]; do
    if [ "$waited" -ge "$wait" ]; then
      refuse "the phone $serial is hot (thermal status $thermal of 6) and slows its processor down. Let it cool, out of its
case and off the charger, then run this again; --wait $((2 * wait + 60)) waits longer, --hot measures it as it is"
    fi
    [ "$waited" -gt 0 ] || say "  the phone is hot (thermal status $thermal of 6): waiting up to $wait s"
    [ "$wait" -ge 5 ] && pause=5 || pause=1
    sleep $pause
    waited=$((waited + pause))
    conditions "$1"
  done
}

# measure KIND CORES LABEL ARGUMENTS: one run of augur-bench, its results under a number of its own.
measure() {
  count=$((count + 1))
  binding=
  [ "$2" = any ] || binding=" --cores $2"
  conditions_before "$work/$count.before"
  printf '  %-40s ' "$3"
  arguments="--candidates $candidates --history $history --threads $threads$binding $4 --json"
  if on_phone "cd '$folder' && ./augur-bench model.augur$phone_tables $arguments >run.json 2>run.errors"; then
    conditions "$work/$count.after"
    "$adb" -s "$serial" pull "$folder/run.json" "$work/$count.json" </dev/null >"$work/copied" 2>&1
    [ -s "$work/$count.json" ] || refuse "the results cannot be copied from the phone: $(tail -n 2 "$work/copied")"
    echo "$1" >"$work/$count.kind"
    measured=$((measured + 1))
    echo ok
  else
    on_phone "cat '$folder/run.errors'"
    echo "not measured: $(cat "$work/answer")"
    problem=$(cat "$work/answer")
  fi
}

measure_all() {
  conditions_before "$work/first"
  python3 -B "$augur_root/scripts/bench_android.py" kinds "$work/first" >"$work/kinds"
  [ -s "$work/kinds" ] || echo "all any 0" >"$work/kinds"
  kinds=$(wc -l <"$work/kinds" | tr -d ' ')
  count=0 measured=0 problem=''
  while read -r kind cores khz <&3; do
    [ "$kinds" -gt 1 ] || cores=any
    label="$kind cores"
    [ "$cores" = any ] || label="$kind cores $cores"
    [ "$khz" = 0 ] || label="$label ($((khz / 1000)) MHz)"
    measure "$kind" "$cores" "$label, paced" "--pace $pace --calls $calls"
    measure "$kind" "$cores" "$label, back to back" "--seconds $seconds"
  done 3<"$work/kinds"
  [ "$measured" -eq "$count" ] || say "  $((count - measured)) of $count runs were not measured: see above"
  [ "$measured" -gt 0 ] || refuse "augur-bench fails on the phone $serial: $problem"
}

# ------------------------------------------------------------------------------------------------------ results

report() {
  json=$(python3 -B "$augur_root/scripts/bench_android.py" join "$work" "$out") || exit 1
  reference=
  if [ -x "$host" ]; then
    set -- "$model" --candidates "$candidates" --history "$history" --calls 1 --json
    while IFS= read -r table; do
      [ -z "$table" ] || set -- "$@" --table "$table"
    done <<END
$tables
END
    mkdir -p "$out/reference"
    reference=$out/reference/host.json
    "$host" "$@" >"$reference" 2>"$work/errors" || refuse "$host fails on this machine: $(cat "$work/errors")"
  else
    say "Scores are not compared: $host is missing (cmake --build --preset host --target augur-bench)."
  fi
  say "" "$json" ""
  set -- "$json" --tolerance "$tolerance"
  [ -z "$reference" ] || set -- "$@" --reference "$reference"
  python3 -B "$augur_root/scripts/bench-table.py" "$@"
}

made=no
work=$(mktemp -d) || refuse "no folder for temporary files can be made; set TMPDIR to a folder with room"
folder=/data/local/tmp/augur-bench-$$
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
find_adb
choose_device
check_device
echo "$serial" >"$work/serial"
say "Augur on $(property ro.product.manufacturer) $(property ro.product.model), \
Android $(property ro.build.version.release) (API $api), $abi"
push_all
measure_all
report
