// SPDX-License-Identifier: MIT
// boot.c -- read the loader's information, PVH's or multiboot2's; boot
// options; switching off.  Called by kmain() before there is any allocation.
#include "boot.h"
#include "trace.h"
#include "x86.h"

#define MULTIBOOT2 0x36d76289u
#define PVH_MAGIC 0x336ec578u
#define E820_USABLE 1

struct boot_info boot_info;

// PVH's structures, from Xen's arch-x86/hvm/start_info.h.
struct pvh_info {
    uint32_t magic, version, flags, modules;
    uint64_t module_list, options, rsdp, memory_map;
    uint32_t memory_entries, reserved;
};

struct pvh_module {
    uint64_t start, size, options, reserved;
};

// One entry of a memory map: the same in PVH and multiboot2.
struct map_entry {
    uint64_t start, size;
    uint32_t type, reserved;
};

struct mb2_tag {
    uint32_t type, size;
    union {
        char options[1];
        struct { uint32_t start, end; } module;
        struct { uint32_t entry_size, version; struct map_entry entry[]; } map;
    } u;
};
enum { MB2_END, MB2_OPTIONS = 1, MB2_MODULE = 3, MB2_MAP = 6 };

static void *
at(uint64_t pa)
{
    return (void *)(DIRECT_BASE + pa);
}

static void
add_memory(const struct map_entry *e)
{
    struct boot_info *b = &boot_info;
    uint64_t start = ROUND_UP(e->start, PAGE_SIZE);
    uint64_t end = ROUND_DOWN(min_u64(e->start + e->size, MEM_MAX), PAGE_SIZE);
    if (e->type != E820_USABLE || start >= end
        || b->memories == (int)NELEM(b->memory))
        return;
    b->memory[b->memories++] = (struct boot_range){ start, end };
}

static void
read_pvh(const struct pvh_info *info)
{
    if (info->magic != PVH_MAGIC)
        panic("boot: loaded neither by PVH nor by multiboot2");
    if (info->options != 0)
        copy_string(boot_info.options, at(info->options),
                    sizeof(boot_info.options));
    if (info->modules > 0) {
        const struct pvh_module *m = at(info->module_list);
        boot_info.archive = (struct boot_range){ m->start, m->start + m->size };
    }
    const struct map_entry *e = at(info->memory_map);
    for (uint32_t i = 0; i < info->memory_entries; i++)
        add_memory(&e[i]);
}

static void
read_multiboot2(uint64_t info)
{
    const struct mb2_tag *tag = at(info + 8);
    while (tag->type != MB2_END) {
        if (tag->type == MB2_OPTIONS)
            copy_string(boot_info.options, tag->u.options,
                        sizeof(boot_info.options));
        if (tag->type == MB2_MODULE)
            boot_info.archive = (struct boot_range){ tag->u.module.start,
                                                     tag->u.module.end };
        for (uint32_t off = 16; tag->type == MB2_MAP && off < tag->size;
             off += tag->u.map.entry_size)
            add_memory((const void *)((const char *)tag + off));
        tag = (const void *)((const char *)tag + ROUND_UP(tag->size, 8));
    }
}

void
boot_read(uint32_t magic, uint64_t info)
{
    if (magic == MULTIBOOT2)
        read_multiboot2(info);
    else
        read_pvh(at(info));
}

// The value of option `name`, or NULL.  Options end at " -- ".
static const char *
option_value(const char *name)
{
    size_t len = strlen(name);
    const char *s = boot_info.options;
    while (*s != '\0' && strncmp(s, "-- ", 3) != 0) {
        if (strncmp(s, name, len) == 0 && s[len] == '=')
            return s + len + 1;
        while (*s != '\0' && *s != ' ')
            s++;
        while (*s == ' ')
            s++;
    }
    return NULL;
}

uint64_t
boot_option(const char *name, uint64_t otherwise)
{
    const char *value = option_value(name);
    return value == NULL ? otherwise : parse_number(value);
}

bool
boot_option_is(const char *name, const char *value)
{
    const char *s = option_value(name);
    size_t len = strlen(value);
    return s != NULL && strncmp(s, value, len) == 0
           && (s[len] == ' ' || s[len] == '\0');
}

const char *
boot_arguments(void)
{
    const char *s = boot_info.options;
    if (strncmp(s, "-- ", 3) == 0)
        return s + 3;
    for (; *s != '\0'; s++)
        if (strncmp(s, " -- ", 4) == 0)
            return s + 4;
    return "";
}

_Noreturn void
init_ended(int status)
{
    trace_print();
    klog("init has ended with status %d; powering off",
         status >> 8 | (status & 0x7f));
    machine_off(status == 0 ? EXIT_OK : EXIT_FAILED);
}

_Noreturn void
machine_off(int code)
{
    cli();
    outl(0xf4, (uint32_t)code);                  // QEMU, isa-debug-exit
    for (const char *s = "Shutdown"; *s != '\0'; s++)
        outb(0x8900, (uint8_t)*s);               // Bochs
    for (;;)
        __asm__ volatile("hlt");
}
