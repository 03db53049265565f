/* SPDX-License-Identifier: MIT */
/* What was called before, in this process. */
#include "mutation.h"

#include <pthread.h>
#include <string.h>

#define CONTEXTS_MAX 64u

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct {
    PCARD_DATA data; /* NULL: free */
    enum function last;
    DWORD challenge_len;
} contexts[CONTEXTS_MAX];

static BYTE pin[SECRET_MAX], accepted[SECRET_MAX];
static DWORD pin_len, accepted_len;
static unsigned counts[FUNCTION_COUNT];

static size_t entry(PCARD_DATA data)
{
    for (size_t i = 0; i < CONTEXTS_MAX; i++)
        if (contexts[i].data == data)
            return i;
    return CONTEXTS_MAX;
}

static void keep(BYTE *secret, DWORD *secret_len, const BYTE *bytes, DWORD len)
{
    if (bytes == NULL || len > SECRET_MAX)
        return;
    memcpy(secret, bytes, len);
    *secret_len = len;
}

static void remember_secrets(const struct call *c)
{
    const bool users = c->user != NULL && c->user[0] == 'u';

    switch (c->function) {
    case fn_CardAuthenticatePin:
        if (users)
            keep(pin, &pin_len, c->in, c->in_len);
        break;
    case fn_CardAuthenticateChallenge:
        keep(accepted, &accepted_len, c->in, c->in_len);
        break;
    case fn_CardUnblockPin:
        keep(accepted, &accepted_len, c->in, c->in_len);
        keep(pin, &pin_len, c->fresh, c->fresh_len);
        break;
    case fn_CardChangeAuthenticator:
        if (c->flags == CARD_AUTHENTICATE_PIN_PIN)
            keep(pin, &pin_len, c->fresh, c->fresh_len);
        else
            keep(accepted, &accepted_len, c->in, c->in_len);
        break;
    default:
        break;
    }
}

static void remember_context(const struct call *c)
{
    size_t i = entry(c->data);

    if (i == CONTEXTS_MAX)
        i = entry(NULL);
    if (i == CONTEXTS_MAX)
        return;
    contexts[i].data = c->data;
    contexts[i].last = c->function;
    if (c->function == fn_CardDeleteContext)
        memset(&contexts[i], 0, sizeof(contexts[i]));
    if (c->function == fn_CardGetChallenge && c->out_len != NULL)
        contexts[i].challenge_len = *c->out_len;
}

void remember(const struct call *c)
{
    pthread_mutex_lock(&lock);
    if (c->rc == SCARD_S_SUCCESS) {
        counts[c->function]++;
        remember_secrets(c);
    }
    if (c->data != NULL &&
        (c->rc == SCARD_S_SUCCESS || c->function != fn_CardAcquireContext))
        remember_context(c);
    pthread_mutex_unlock(&lock);
}

enum function last_function(PCARD_DATA data)
{
    enum function last = fn_none;
    size_t i;

    pthread_mutex_lock(&lock);
    i = data != NULL ? entry(data) : CONTEXTS_MAX;
    if (i != CONTEXTS_MAX)
        last = contexts[i].last;
    pthread_mutex_unlock(&lock);
    return last;
}

DWORD challenge_len(PCARD_DATA data)
{
    DWORD len = 0;
    size_t i;

    pthread_mutex_lock(&lock);
    i = data != NULL ? entry(data) : CONTEXTS_MAX;
    if (i != CONTEXTS_MAX)
        len = contexts[i].challenge_len;
    pthread_mutex_unlock(&lock);
    return len;
}

bool was_accepted(const BYTE *response, DWORD len)
{
    bool same;

    pthread_mutex_lock(&lock);
    same = response != NULL && len != 0 && len == accepted_len &&
           memcmp(response, accepted, len) == 0;
    pthread_mutex_unlock(&lock);
    return same;
}

DWORD right_pin(BYTE ret[SECRET_MAX])
{
    DWORD len;

    pthread_mutex_lock(&lock);
    len = pin_len;
    memcpy(ret, pin, len);
    pthread_mutex_unlock(&lock);
    return len;
}

unsigned calls_of(enum function function)
{
    unsigned count;

    pthread_mutex_lock(&lock);
    count = counts[function];
    pthread_mutex_unlock(&lock);
    return count;
}

unsigned contexts_alive(void)
{
    unsigned count = 0;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < CONTEXTS_MAX; i++)
        count += contexts[i].data != NULL ? 1 : 0;
    pthread_mutex_unlock(&lock);
    return count;
}

PCARD_DATA another_context(PCARD_DATA data)
{
    PCARD_DATA other = NULL;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < CONTEXTS_MAX && other == NULL; i++)
        if (contexts[i].data != NULL && contexts[i].data != data)
            other = contexts[i].data;
    pthread_mutex_unlock(&lock);
    return other;
}
