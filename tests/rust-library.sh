#!/bin/bash
# A real rustc: a dynamic library of Rust and a Rust program, panics included.
. "$(dirname "$0")/lib.sh"
needs rustc
rustc --version >/dev/null 2>&1 || skip "rustc does not run"

rustc --crate-type cdylib -o liba.so - <<'E'
use std::sync::atomic::{AtomicI32, Ordering};
static COUNT: AtomicI32 = AtomicI32::new(40);
#[no_mangle]
pub extern "C" fn bump() -> i32 {
    let caught = std::panic::catch_unwind(|| { std::panic::set_hook(Box::new(|_| {})); panic!("x") }).is_err();
    std::thread::spawn(move || COUNT.fetch_add(1 + caught as i32, Ordering::SeqCst)).join().unwrap();
    COUNT.load(Ordering::SeqCst)
}
E
prog p "$FOLDER/liba.so" <<'E'
#include <stdio.h>
int bump(void);
int main(void) { printf("%d\n", bump()); return 0; }
E
both ./p <<<42
