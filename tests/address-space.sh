#!/bin/bash
# Other address space layouts: unlimited stack, legacy, no randomisation, small and large stack.
. "$(dirname "$0")/system.sh"
needs setarch
fixture
fast ./main <main.expected
fast setarch -R ./main <main.expected
fast setarch -L ./main <main.expected
fast bash -c 'ulimit -s 1024; exec ./main' <main.expected
for _ in 1 2 3 4 5; do
	# Here the kernel may use any address below the stack: the fast path is not promised.
	right bash -c 'ulimit -Ss unlimited; exec ./main' <main.expected
	case ${STOCK:+fast}$PATH_TAKEN in fast | address-taken) ;; *) fail "path $PATH_TAKEN" ;; esac
	right bash -c 'ulimit -Ss unlimited; exec setarch -RL ./main' <main.expected
done
