/*
 * start.S - where the kernel enters, where ld.so's mmap calls and cpuids arrive
 *
 * Environment: no stack frame of ours at entry; in the stubs the caller is
 * ld.so in the middle of an mmap wrapper, which may keep data in the 128 bytes
 * below the stack pointer and expects every register but rax, rcx and r11 to
 * survive, as after a system call.
 */
	.text

	.globl _start
	.hidden _start
	.type _start, @function
_start:
	xor %ebp, %ebp
	mov %rsp, %rdi
	mov %rsp, %rbx
	and $-16, %rsp
	call shim_main		/* returns the entry to jump to */
	mov %rax, %rdi
	mov %rbx, %rsi
	.size _start, . - _start

/*
 * jump_to(entry, stack): registers as the kernel leaves them at exec.  The
 * exported name is for tools that want to see the shim go (matr time stops
 * there); every way to a loader passes it, with the loader's entry in rdi.
 */
	.globl jump_to, matr_handover
	.hidden jump_to
	.type jump_to, @function
	.type matr_handover, @function
matr_handover:
jump_to:
	mov %rsi, %rsp
	mov %rdi, %rax
	xor %edx, %edx
	xor %ebx, %ebx
	xor %ecx, %ecx
	xor %esi, %esi
	xor %edi, %edi
	xor %ebp, %ebp
	xor %r8d, %r8d
	xor %r9d, %r9d
	xor %r10d, %r10d
	xor %r11d, %r11d
	xor %r12d, %r12d
	xor %r13d, %r13d
	xor %r14d, %r14d
	xor %r15d, %r15d
	jmp *%rax
	.size jump_to, . - jump_to

/* A function of C in place of a system call: six arguments, and all registers kept. */
	.macro as_syscall function
	push %rbp
	mov %rsp, %rbp
	push %rdi
	push %rsi
	push %rdx
	push %r8
	push %r9
	push %r10
	and $-16, %rsp
	mov %r10, %rcx
	call \function
	lea -48(%rbp), %rsp
	pop %r10
	pop %r9
	pop %r8
	pop %rdx
	pop %rsi
	pop %rdi
	pop %rbp
	.endm

/*
 * One stub per redirected mmap.  Disarmed (from the last planned call on, in
 * any thread): the system call itself, then back.
 */
	.macro stub number
	.globl stub_\number
	.hidden stub_\number
	.type stub_\number, @function
	.balign 16
stub_\number:
	cmpb $1, S(%rip)	/* ARMED_MAPPING */
	je 1f
	mov $9, %eax
	syscall
	jmp *(S + 8 + 8 * \number)(%rip)
1:	lea -128(%rsp), %rsp
	as_syscall hook_mmap
	lea 128(%rsp), %rsp
	jmp *(S + 8 + 8 * \number)(%rip)
	.size stub_\number, . - stub_\number
	.endm

	stub 0
	stub 1
	stub 2
	stub 3

/*
 * cpuid in the prepared loader, called by its stubs, below the red zone: like the
 * instruction it changes eax, ebx, ecx and edx, nothing else, not even a flag.
 */
	.globl cpuid_answer
	.hidden cpuid_answer
	.type cpuid_answer, @function
	.balign 16
cpuid_answer:
	pushf
	push %rsi
	mov 40 + S(%rip), %rsi	/* answers, answers_end: struct matr_cpu_answer */
1:	cmp %eax, (%rsi)
	je 3f
2:	add $24, %rsi
	cmp 48 + S(%rip), %rsi
	jb 1b
	pop %rsi		/* a leaf that was not recorded */
	popf
	jmp cpuid_ask
3:	cmpl $-1, 4(%rsi)
	je 4f
	cmp %ecx, 4(%rsi)
	jne 2b
4:	mov 8(%rsi), %eax
	mov 12(%rsi), %ebx
	mov 16(%rsi), %ecx
	mov 20(%rsi), %edx
	pop %rsi
	popf
	ret
	.size cpuid_answer, . - cpuid_answer

	.globl cpuid_ask
	.hidden cpuid_ask
	.type cpuid_ask, @function
cpuid_ask:
	cpuid
	ret
	.size cpuid_ask, . - cpuid_ask

/* read and pread64 in the prepared loader, called by its stubs, below the red zone. */
	.macro reading name, number
	.globl \name\()_stub
	.hidden \name\()_stub
	.type \name\()_stub, @function
	.balign 16
\name\()_stub:
	cmpb $1, S(%rip)	/* ARMED_MAPPING */
	je 1f
	mov $\number, %eax
	syscall
	ret
1:	as_syscall hook_\name
	ret
	.size \name\()_stub, . - \name\()_stub
	.endm

	reading read, 0
	reading pread, 17

/*
 * The debugger's event.  The prepared loader's function of this name jumps to
 * state_stub, so that whatever the shim has to do is done before a debugger
 * looks; then to _dl_debug_state, which does nothing: gdb finds that name in the
 * file that PT_INTERP names, and plants its breakpoint there.  That is ours, or, in a
 * file with a loader (image/front.h), the loader's.
 */
	.globl state_stub
	.hidden state_stub
	.type state_stub, @function
	.balign 16
state_stub:
	cmpb $0, S(%rip)
	je 1f
	sub $8, %rsp		/* called by ld.so as a function; keeps the ABI's alignment */
	call hook_state_event
	add $8, %rsp
1:	jmp *56+S(%rip)		/* debug_state */
	.size state_stub, . - state_stub

/*
 * It lies in the 16 bytes before .text (shim.lds leaves them, the makefile writes
 * the `ret`), which no section covers: at the first event gdb sees the shim go and
 * the real loader come, and gdb 18 then gives up breakpoints, its own one for
 * events among them, at addresses that a section of the shim covers.
 */
	.section .text.first, "ax", @progbits
	.globl _dl_debug_state
	.type _dl_debug_state, @function
	.set _dl_debug_state, . - 16

/* struct matr_front, filled in after linking: not in C, where the compiler would see the zeros. */
	.section .rodata, "a", @progbits
	.globl matr_front
	.type matr_front, @object
	.balign 8
matr_front:
	.zero 72
	.size matr_front, . - matr_front

	.section .note.GNU-stack, "", @progbits
