// The bytes of the default checkpoint, as they are in the file.
#if defined(__APPLE__)
#define SYMBOL(name) _##name
    .const
#else
#define SYMBOL(name) name
    .section .rodata
#endif
    .balign 64
    .globl SYMBOL(landseam_default_checkpoint_begin)
SYMBOL(landseam_default_checkpoint_begin):
    .incbin LANDSEAM_DEFAULT_CHECKPOINT
    .globl SYMBOL(landseam_default_checkpoint_end)
SYMBOL(landseam_default_checkpoint_end):
    .byte 0
#if defined(__linux__) && defined(__ELF__)
    .section .note.GNU-stack, "", %progbits
#endif
