/* SPDX-License-Identifier: MIT */
#include "softreader/slot.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SLOT_MAGIC   0x544F4C53u /* "SLOT" */
#define SLOT_VERSION 1u
#define BOOT_ID_SIZE 40u /* 36 characters, padded */

/* What each locked byte of the file stands for. */
enum lock_byte {
    LOCK_TRANSACTION, /* write: may talk to the card */
    LOCK_COMMAND,     /* write: changes what is in the file */
    LOCK_SHARE,       /* read: connected; write: connected, and alone */
    LOCK_QUEUE,       /* write: the next one to get LOCK_TRANSACTION */
};

/* The head of slots/NAME.ram; the card's RAM follows at SLOT_RAM_AT. */
struct slot_head {
    uint32_t magic; /* written last when the file is made */
    uint32_t version;
    uint64_t ram_size;
    struct file_id insertion;
    char boot[BOOT_ID_SIZE]; /* another boot: the power was lost */
    _Atomic uint32_t powered;
    _Atomic uint32_t resets;   /* resets and losses of power so far */
    _Atomic uint32_t protocol; /* in use since the last power-up; 0: not settled */
    _Atomic uint32_t holder;   /* process in a transaction; left behind when it died in it */
};

#define SLOT_RAM_AT 256u
_Static_assert(sizeof(struct slot_head) <= SLOT_RAM_AT, "the head fits before the RAM");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "counters shared by processes must be lock-free");

struct slot {
    int fd;
    struct slot_head *head; /* the mapping; NULL: none */
    struct softcard *card;
    char name[SOFTCARD_NAME_MAX];
    char image_path[HOME_PATH_MAX];
    char ram_path[HOME_PATH_MAX];
    struct file_id insertion, image;
    uint32_t resets_seen;
    uint8_t atr[SOFTCARD_ATR_MAX]; /* a card never changes it */
    size_t atr_len;
    size_t answer_len; /* bytes of `answer` in use */
    uint8_t answer[SOFTCARD_ANSWER_MAX];
};

static size_t map_size(void)
{
    return SLOT_RAM_AT + softcard_ram_size();
}

static struct softcard_ram *slot_ram(const struct slot *slot)
{
    return (struct softcard_ram *)(void *)((uint8_t *)slot->head + SLOT_RAM_AT);
}

/* ---- files --------------------------------------------------------------------------------- */

static bool file_identity(const char *path, struct file_id *ret)
{
    struct stat st;

    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    ret->device = (uint64_t)st.st_dev;
    ret->inode = (uint64_t)st.st_ino;
    ret->sec = (uint64_t)st.st_mtim.tv_sec;
    ret->nsec = (uint64_t)st.st_mtim.tv_nsec;
    return true;
}

static bool same_file(const struct file_id *a, const struct file_id *b)
{
    return a->device == b->device && a->inode == b->inode;
}

static bool same_insertion(const struct file_id *a, const struct file_id *b)
{
    return same_file(a, b) && a->sec == b->sec && a->nsec == b->nsec;
}

bool slot_insertion(const char *name, struct file_id *ret)
{
    char dir[HOME_PATH_MAX], path[HOME_PATH_MAX];
    int n;

    if (!home_name_ok(name) || !home_slots_dir(dir))
        return false;
    n = snprintf(path, sizeof(path), "%s/%s", dir, name);
    return n > 0 && (size_t)n < sizeof(path) && file_identity(path, ret);
}

static void read_boot_id(char *out)
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

    memset(out, 0, BOOT_ID_SIZE);
    if (fd < 0)
        return; /* no /proc: a reboot goes unnoticed, the home is rarely kept in RAM alone */
    if (read(fd, out, BOOT_ID_SIZE - 1) < 0)
        memset(out, 0, BOOT_ID_SIZE);
    close(fd);
}

/* ---- locks --------------------------------------------------------------------------------- */

/* `type`: F_RDLCK, F_WRLCK, F_UNLCK. False when somebody else has it (only without `wait`). */
static bool lock(int fd, enum lock_byte byte, short type, bool wait)
{
    struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
    int rc;

    do
        rc = fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range);
    while (rc != 0 && errno == EINTR);
    return rc == 0;
}

static void unlock(int fd, enum lock_byte byte)
{
    lock(fd, byte, F_UNLCK, false);
}

enum slot_sharing slot_sharing_of(const char *name)
{
    struct flock range = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_SHARE, .l_len = 1
    };
    char path[HOME_PATH_MAX];
    int fd;

    if (!home_ram_path(name, path))
        return SLOT_FREE;
    fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return SLOT_FREE; /* nobody has connected since the card was inserted */
    if (fcntl(fd, F_OFD_GETLK, &range) != 0)
        range.l_type = F_UNLCK;
    close(fd);
    if (range.l_type == F_UNLCK)
        return SLOT_FREE;
    return range.l_type == F_WRLCK ? SLOT_EXCLUSIVE : SLOT_SHARED;
}

LONG slot_share(struct slot *slot, DWORD mode)
{
    short type = mode == SCARD_SHARE_EXCLUSIVE ? F_WRLCK : F_RDLCK;

    return lock(slot->fd, LOCK_SHARE, type, false) ? SCARD_S_SUCCESS : SCARD_E_SHARING_VIOLATION;
}

/* ---- opening ------------------------------------------------------------------------------- */

static bool head_is_good(const struct slot *slot, const struct slot_head *head)
{
    char boot[BOOT_ID_SIZE];

    read_boot_id(boot);
    return head->magic == SLOT_MAGIC && head->version == SLOT_VERSION &&
           head->ram_size == softcard_ram_size() &&
           same_insertion(&head->insertion, &slot->insertion) &&
           memcmp(head->boot, boot, sizeof(boot)) == 0;
}

static void head_make(const struct slot *slot, struct slot_head *head)
{
    head->version = SLOT_VERSION;
    head->ram_size = softcard_ram_size();
    head->insertion = slot->insertion;
    read_boot_id(head->boot);
    atomic_thread_fence(memory_order_seq_cst);
    head->magic = SLOT_MAGIC;
}

/* The open file under LOCK_COMMAND: makes a new one usable, maps a good one. *ret_stale: it belongs
 * to another insertion, another boot or another version of this library, or is gone already. */
static LONG attach_locked(struct slot *slot, bool *ret_stale)
{
    struct stat st;
    void *map;

    *ret_stale = false;
    if (!slot_insertion(slot->name, &slot->insertion))
        return SCARD_E_NO_SMARTCARD;
    if (fstat(slot->fd, &st) != 0)
        return SCARD_E_READER_UNAVAILABLE;
    if (st.st_nlink == 0 || (st.st_size != 0 && (uint64_t)st.st_size != map_size())) {
        *ret_stale = true;
        return SCARD_S_SUCCESS;
    }
    /* Blocks now, since a full disk would otherwise be a SIGBUS later. */
    if (st.st_size == 0 && posix_fallocate(slot->fd, 0, (off_t)map_size()) != 0)
        return SCARD_E_READER_UNAVAILABLE;
    map = mmap(NULL, map_size(), PROT_READ | PROT_WRITE, MAP_SHARED, slot->fd, 0);
    if (map == MAP_FAILED)
        return SCARD_E_NO_MEMORY;
    slot->head = map;
    if (st.st_size == 0)
        head_make(slot, slot->head);
    *ret_stale = !head_is_good(slot, slot->head);
    return SCARD_S_SUCCESS;
}

static void detach(struct slot *slot)
{
    if (slot->head != NULL)
        munmap(slot->head, map_size());
    slot->head = NULL;
    if (slot->fd >= 0)
        close(slot->fd);
    slot->fd = -1;
}

/* Not among the standard streams, should the program have closed them: what it prints would be
 * written into the card's memory. */
static int open_ram(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int away = fd;

    if (fd >= STDIN_FILENO && fd <= STDERR_FILENO) {
        away = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        close(fd);
    }
    return away;
}

/* A stale file is replaced, not repaired: whoever still uses it sees its card removed. */
static LONG attach(struct slot *slot)
{
    bool stale = true;
    LONG rc = SCARD_S_SUCCESS;

    for (unsigned tries = 0; stale && tries < 16; tries++) {
        detach(slot);
        slot->fd = open_ram(slot->ram_path);
        if (slot->fd < 0 || !lock(slot->fd, LOCK_COMMAND, F_WRLCK, true))
            return SCARD_E_READER_UNAVAILABLE;
        rc = attach_locked(slot, &stale);
        if (rc != SCARD_S_SUCCESS)
            return rc;
        if (stale)
            unlink(slot->ram_path);
        unlock(slot->fd, LOCK_COMMAND);
    }
    return stale ? SCARD_E_READER_UNAVAILABLE : SCARD_S_SUCCESS;
}

/* Under LOCK_COMMAND, so that the image is looked at while no command is changing it, and what a
 * process left half done when it died is taken back by one opener at a time. */
static LONG open_card(struct slot *slot)
{
    enum softcard_result result;

    if (!lock(slot->fd, LOCK_COMMAND, F_WRLCK, true))
        return SCARD_F_INTERNAL_ERROR;
    result = softcard_open(slot->image_path, &slot->card);
    if (result == SOFTCARD_OK) {
        softcard_atr(slot->card, slot->atr, &slot->atr_len);
        if (slot->atr_len == 0)
            result = SOFTCARD_IO;
    }
    unlock(slot->fd, LOCK_COMMAND);
    switch (result) {
    case SOFTCARD_OK:
        return file_identity(slot->image_path, &slot->image) ? SCARD_S_SUCCESS
                                                             : SCARD_E_NO_SMARTCARD;
    case SOFTCARD_MISSING:
        return SCARD_E_NO_SMARTCARD;
    case SOFTCARD_MEMORY:
        return SCARD_E_NO_MEMORY;
    case SOFTCARD_EXISTS:
    case SOFTCARD_DAMAGED:
    case SOFTCARD_IO:
    case SOFTCARD_ARGUMENT:
        break;
    }
    return SCARD_W_UNRESPONSIVE_CARD;
}

LONG slot_open(const char *name, struct slot **ret)
{
    struct slot *slot;
    struct file_id image;
    LONG rc;

    if (!home_name_ok(name))
        return SCARD_E_UNKNOWN_READER;
    slot = calloc(1, sizeof(*slot));
    if (slot == NULL)
        return SCARD_E_NO_MEMORY;
    slot->fd = -1;
    snprintf(slot->name, sizeof(slot->name), "%s", name);
    rc = SCARD_E_UNKNOWN_READER;
    if (!home_image_path(name, slot->image_path) || !home_ram_path(name, slot->ram_path))
        goto out;
    if (!slot_insertion(name, &slot->insertion)) {
        if (file_identity(slot->image_path, &image))
            rc = SCARD_E_NO_SMARTCARD;
        goto out;
    }
    rc = attach(slot);
    if (rc == SCARD_S_SUCCESS)
        rc = open_card(slot);
    if (rc != SCARD_S_SUCCESS)
        goto out;
    slot_acknowledge(slot);
    *ret = slot;
    slot = NULL;
out:
    slot_close(slot);
    return rc;
}

void slot_close(struct slot *slot)
{
    if (slot == NULL)
        return;
    detach(slot);
    softcard_close(slot->card);
    slot_forget_answer(slot);
    free(slot);
}

void slot_abandon(struct slot *slot)
{
    /* Closing here takes no lock from the parent: the locks live as long as the last descriptor,
     * which is why a child must not keep one. */
    detach(slot);
}

const char *slot_name(const struct slot *slot)
{
    return slot->name;
}

/* ---- state --------------------------------------------------------------------------------- */

static bool slot_is_there(const struct slot *slot)
{
    struct file_id now;
    struct stat st;

    return fstat(slot->fd, &st) == 0 && st.st_nlink > 0 && slot_insertion(slot->name, &now) &&
           same_insertion(&now, &slot->insertion) && file_identity(slot->image_path, &now) &&
           same_file(&now, &slot->image);
}

LONG slot_check(const struct slot *slot)
{
    if (!slot_is_there(slot))
        return SCARD_W_REMOVED_CARD;
    if (atomic_load(&slot->head->resets) != slot->resets_seen)
        return SCARD_W_RESET_CARD;
    if (atomic_load(&slot->head->powered) == 0)
        return SCARD_W_UNPOWERED_CARD;
    return SCARD_S_SUCCESS;
}

void slot_acknowledge(struct slot *slot)
{
    slot->resets_seen = atomic_load(&slot->head->resets);
}

bool slot_powered(const struct slot *slot)
{
    return atomic_load(&slot->head->powered) != 0;
}

/* ---- transactions -------------------------------------------------------------------------- */

/* One waiter at a time stands at the door (LOCK_QUEUE) and knocks; the others sleep in the kernel
 * behind it. So nobody is overtaken for ever, and a card that is ejected under a holder that
 * never comes back does not leave anyone asleep. */
static LONG wait_for_transaction(struct slot *slot)
{
    struct timespec pause = { 0, 20000 };
    LONG rc = SCARD_S_SUCCESS;

    if (!lock(slot->fd, LOCK_QUEUE, F_WRLCK, true))
        return SCARD_F_INTERNAL_ERROR;
    while (!lock(slot->fd, LOCK_TRANSACTION, F_WRLCK, false)) {
        if (!slot_is_there(slot)) {
            rc = SCARD_W_REMOVED_CARD;
            break;
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 1000000)
            pause.tv_nsec *= 2;
    }
    unlock(slot->fd, LOCK_QUEUE);
    return rc;
}

LONG slot_begin(struct slot *slot, bool wait)
{
    LONG rc = SCARD_S_SUCCESS;

    if (wait)
        rc = wait_for_transaction(slot);
    else if (!lock(slot->fd, LOCK_TRANSACTION, F_WRLCK, false))
        rc = SCARD_E_SHARING_VIOLATION;
    if (rc != SCARD_S_SUCCESS)
        return rc;

    if (!slot_is_there(slot)) {
        unlock(slot->fd, LOCK_TRANSACTION);
        return SCARD_W_REMOVED_CARD;
    }
    if (atomic_load(&slot->head->holder) != 0)
        slot_reset(slot);
    atomic_store(&slot->head->holder, (uint32_t)getpid());
    return SCARD_S_SUCCESS;
}

void slot_end(struct slot *slot)
{
    atomic_store(&slot->head->holder, 0);
    unlock(slot->fd, LOCK_TRANSACTION);
}

/* ---- the card ------------------------------------------------------------------------------ */

static void power_up(struct slot *slot)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len;

    softcard_power_on(slot->card, slot_ram(slot), atr, &len);
    atomic_store(&slot->head->powered, 1);
}

LONG slot_connect(struct slot *slot, DWORD preferred, DWORD *ret_protocol)
{
    DWORD offered = atr_protocols(slot->atr, slot->atr_len) & preferred, used;
    LONG rc = SCARD_E_PROTO_MISMATCH;

    if (!lock(slot->fd, LOCK_COMMAND, F_WRLCK, true))
        return SCARD_F_INTERNAL_ERROR;
    if (atomic_load(&slot->head->powered) == 0)
        power_up(slot);
    used = atomic_load(&slot->head->protocol);
    if (used == 0)
        used = offered & SCARD_PROTOCOL_T1 ? SCARD_PROTOCOL_T1 : offered;
    if (used & offered) {
        atomic_store(&slot->head->protocol, (uint32_t)used);
        *ret_protocol = used;
        rc = SCARD_S_SUCCESS;
    }
    unlock(slot->fd, LOCK_COMMAND);
    return rc;
}

void slot_reset(struct slot *slot)
{
    lock(slot->fd, LOCK_COMMAND, F_WRLCK, true);
    power_up(slot);
    atomic_store(&slot->head->protocol, 0);
    atomic_fetch_add(&slot->head->resets, 1);
    unlock(slot->fd, LOCK_COMMAND);
}

void slot_power_off(struct slot *slot)
{
    lock(slot->fd, LOCK_COMMAND, F_WRLCK, true);
    softcard_power_off(slot_ram(slot));
    atomic_store(&slot->head->powered, 0);
    atomic_store(&slot->head->protocol, 0);
    atomic_fetch_add(&slot->head->resets, 1);
    unlock(slot->fd, LOCK_COMMAND);
}

LONG slot_transmit(struct slot *slot, const uint8_t *in, size_t in_len, const uint8_t **ret_answer,
                   size_t *ret_len)
{
    size_t len = sizeof(slot->answer);
    enum softcard_result result;

    slot_forget_answer(slot);
    if (!lock(slot->fd, LOCK_COMMAND, F_WRLCK, true))
        return SCARD_F_INTERNAL_ERROR;
    result = softcard_transmit(slot->card, slot_ram(slot), in, in_len, slot->answer, &len);
    unlock(slot->fd, LOCK_COMMAND);
    if (result != SOFTCARD_OK)
        return slot_is_there(slot) ? SCARD_F_COMM_ERROR : SCARD_W_REMOVED_CARD;
    slot->answer_len = len;
    *ret_answer = slot->answer;
    *ret_len = len;
    return SCARD_S_SUCCESS;
}

void slot_forget_answer(struct slot *slot)
{
    wipe(slot->answer, slot->answer_len);
    slot->answer_len = 0;
}

void slot_atr(const struct slot *slot, uint8_t *atr, size_t *ret_len)
{
    memcpy(atr, slot->atr, slot->atr_len);
    *ret_len = slot->atr_len;
}

DWORD atr_protocols(const uint8_t *atr, size_t len)
{
    static const uint8_t bits[16] = { 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4 };
    DWORD mask = 0;
    size_t at = 1; /* T0, then each TDi */

    while (at < len) {
        uint8_t y = atr[at] >> 4;

        if (at > 1 && (atr[at] & 0x0F) < 2)
            mask |= (atr[at] & 0x0F) == 0 ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1;
        if ((y & 8) == 0)
            break;
        at += bits[y];
    }
    return mask != 0 ? mask : SCARD_PROTOCOL_T0; /* no TD1: T=0 */
}
