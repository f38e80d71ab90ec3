#!/bin/sh
# Makes first inputs for every target of the payloads that the tests read.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
corpora="$here/../tests/corpora"
for target in payload letter calls answers; do mkdir -p "$here/seeds/$target"; done

seed() { # prefix, target, file
    { printf "$1"; cat "$3"; } > "$here/seeds/$2/$(basename "$(dirname "$3")")-$(basename "$3")"
}

at=0
for kind in tilda elementor cf7 woocommerce bitrix24 yclients mailbox form; do
    for file in "$corpora/$kind"/*; do
        case "$file" in
            *.expected.json) continue ;;
            *.json) type=0 ;;
            *.multipart) type=3 ;;
            *.txt) type=4 ;;
            *.eml) type=6 ;;
            *) type=1 ;;
        esac
        seed "\\00$at\\00$type" payload "$file"
        case "$kind" in
            mailbox) cp "$file" "$here/seeds/letter/" ;;
            bitrix24) case "$file" in
                */batch.json) seed "\\003" calls "$file" ;;
                */batch.form) seed "\\015" calls "$file" ;;
                *.json) seed "\\000" calls "$file" ;;
                *) seed "\\012" calls "$file" ;;
            esac ;;
            woocommerce) seed "\\000" answers "$file" ;;
            yclients) seed "\\001" answers "$file" ;;
        esac
    done
    at=$((at + 1))
done
