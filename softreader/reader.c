/* SPDX-License-Identifier: MIT */
#include "softreader/reader.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void reader_name(const char *card, char *out)
{
    snprintf(out, READER_NAME_MAX, "%s%s%s", READER_PREFIX, card, READER_SUFFIX);
}

bool reader_card(const char *reader, char *ret_card)
{
    const size_t head = strlen(READER_PREFIX), tail = strlen(READER_SUFFIX);
    size_t len = strlen(reader);
    char card[SOFTCARD_NAME_MAX];

    if (len <= head + tail || len - head - tail >= sizeof(card))
        return false;
    if (strncmp(reader, READER_PREFIX, head) != 0 ||
        strcmp(reader + len - tail, READER_SUFFIX) != 0)
        return false;
    memcpy(card, reader + head, len - head - tail);
    card[len - head - tail] = '\0';
    if (!home_name_ok(card))
        return false;
    memcpy(ret_card, card, sizeof(card));
    return true;
}

char *reader_names(size_t *ret_len, size_t *ret_count)
{
    struct home_card *cards = calloc(HOME_CARDS_MAX, sizeof(*cards));
    char *names = calloc(HOME_CARDS_MAX + 1, READER_NAME_MAX);
    size_t len = 0, count = 0, found;

    if (cards == NULL || names == NULL) {
        free(cards);
        free(names);
        return NULL;
    }
    found = home_list(cards, HOME_CARDS_MAX);
    for (size_t i = 0; i < found; i++) {
        if (!cards[i].inserted)
            continue;
        reader_name(cards[i].name, names + len);
        len += strlen(names + len) + 1;
        count++;
    }
    free(cards);
    *ret_len = len + 1;
    *ret_count = count;
    return names;
}

/* ---- what this process has seen ------------------------------------------------------------- */

/* A card's history, so that an insertion missed between two looks still counts, and so that an
 * image is opened once an insertion and not at every look. */
struct seen {
    char image_path[HOME_PATH_MAX]; /* the home may change within a process: not the name alone */
    bool inserted, mute;
    struct file_id insertion;
    uint16_t events;
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t atr_len;
    struct seen *next;
};

static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;
static struct seen *seen_list; /* grows with the number of cards and stays until exit */

static struct seen *seen_find(const char *image_path)
{
    struct seen *s;

    for (s = seen_list; s != NULL; s = s->next)
        if (strcmp(s->image_path, image_path) == 0)
            return s;
    s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    snprintf(s->image_path, sizeof(s->image_path), "%s", image_path);
    s->next = seen_list;
    seen_list = s;
    return s;
}

static void count_events(struct seen *s, unsigned more)
{
    while (more-- > 0)
        if (++s->events == 0) /* 0 would read as "the program has not been told" */
            s->events = 1;
}

static void read_atr(struct seen *s, const char *card)
{
    struct slot *slot = NULL;

    s->atr_len = 0;
    s->mute = slot_open(card, &slot) != SCARD_S_SUCCESS;
    if (!s->mute)
        slot_atr(slot, s->atr, &s->atr_len);
    slot_close(slot);
}

static void seen_update(struct seen *s, const char *card, bool inserted,
                        const struct file_id *insertion)
{
    bool other = inserted && memcmp(&s->insertion, insertion, sizeof(*insertion)) != 0;

    if (s->inserted && (!inserted || other))
        count_events(s, 1);
    if (inserted && (!s->inserted || other)) {
        count_events(s, 1);
        s->insertion = *insertion;
        read_atr(s, card);
    }
    s->inserted = inserted;
    if (s->events == 0)
        count_events(s, 1);
}

void reader_look(const char *card, struct reader_look *ret)
{
    struct reader_look look = { .sharing = SLOT_FREE };
    struct file_id insertion;
    char path[HOME_PATH_MAX];
    struct seen *s;

    *ret = look;
    if (!home_image_path(card, path) || access(path, F_OK) != 0)
        return;
    look.known = true;
    look.inserted = slot_insertion(card, &insertion);
    pthread_mutex_lock(&seen_lock);
    s = seen_find(path);
    if (s != NULL) {
        seen_update(s, card, look.inserted, &insertion);
        look.events = s->events;
        look.mute = look.inserted && s->mute;
        look.atr_len = look.inserted ? s->atr_len : 0;
        memcpy(look.atr, s->atr, look.atr_len);
    }
    pthread_mutex_unlock(&seen_lock);
    if (look.inserted)
        look.sharing = slot_sharing_of(card);
    *ret = look;
}
