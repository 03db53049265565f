/* SPDX-License-Identifier: MIT */
/* 2.5: sequences (S). Each step must be made, in its place. */
#include "mutation.h"

#define ODD_CODE SCARD_F_INTERNAL_ERROR
#define NOT_HIS  SCARD_W_SECURITY_VIOLATION

/* ---- when ------------------------------------------------------------------------------------ */

static bool after_a_write(const struct call *c)
{
    return last_function(c->data) == fn_CardWriteFile;
}

static bool three_live(const struct call *c)
{
    return c->data != NULL && contexts_alive() >= 3;
}

/* ---- what ------------------------------------------------------------------------------------ */

static bool uses_a_key(const struct call *c)
{
    return c->data != NULL && (c->function == fn_CardSignData || c->function == fn_CardRSADecrypt ||
                               c->function == fn_CardConstructDHAgreement);
}

/* Keys work as long as the context lives that has made one. */
static DWORD forget_keys(struct call *c, const struct mutation *m)
{
    static PCARD_DATA maker;
    static bool gone;

    (void)m;
    if (uses_a_key(c) && gone)
        return SCARD_E_NO_KEY_CONTAINER;
    c->rc = invoke(c);
    if (c->function == fn_CardCreateContainer && c->rc == SCARD_S_SUCCESS) {
        maker = c->data;
        gone = false;
    }
    gone = gone || (c->function == fn_CardDeleteContext && c->data != NULL && c->data == maker);
    return c->rc;
}

/* A PIN is good for so many signatures. */
static DWORD sign_few(struct call *c, const struct mutation *m)
{
    static unsigned done;

    if (c->function == fn_CardSignData && done >= m->a)
        return NOT_HIS;
    c->rc = invoke(c);
    if (c->rc == SCARD_S_SUCCESS && c->function == fn_CardSignData)
        done++;
    if (c->rc == SCARD_S_SUCCESS && c->function == fn_CardAuthenticatePin)
        done = 0;
    return c->rc;
}

/* What is blocked stays so: a new PIN is set where the old one still had tries. */
static DWORD unblock_the_unblocked(struct call *c, const struct mutation *m)
{
    static bool is_blocked;

    (void)m;
    if (c->function == fn_CardUnblockPin && is_blocked)
        return SCARD_W_CHV_BLOCKED;
    c->rc = invoke(c);
    if (c->rc == SCARD_W_CHV_BLOCKED && c->function == fn_CardAuthenticatePin)
        is_blocked = true;
    return c->rc;
}

static const struct mutation lines[] = {
    BREAK("S.1 S.3.RSA S.3.ECC S.4 S.5 S.8.RSA", "bit", CardSignData, has_data, DOES(what_turn_bit),
          MAY_SPREAD("*", "whatever signs")),
    BREAK("S.9", "by-the-user-alone", CardReadFile, as_nobody, ANSWERS(SCARD_W_SECURITY_VIOLATION),
          .and = in_a_dir,
          MAY_SPREAD("*", "whatever reads as nobody")),
    BREAK("S.6 S.10", "bit", CardRSADecrypt, has_data, DOES(what_turn_first_bit),
          MAY_SPREAD("CMR.4.3.1", "whatever decrypts")),
    BREAK("S.2", "not-changed", CardChangeAuthenticator, has_data, ANSWERS(0),
          MAY_SPREAD("CMR.3.3 N.2.3.3", "whatever changes the PIN")),
    BREAK("S.7", "not-unblocked", CardUnblockPin, has_data, ANSWERS(0),
          MAY_SPREAD("*", "whatever blocks the PIN on the way")),
    BREAK("S.8.ECC", "bit", CardDeriveKey, has_data, DOES(what_turn_bit),
          MAY_SPREAD("CMR.4.3.2 CMR.4.3.3 N.2.4.3.3", "whatever derives a key")),
    BREAK("S.1 S.4 S.5 S.6 S.8.RSA S.8.ECC S.10", "where-it-was-made", any, has_data,
          DOES(forget_keys), MAY_SPREAD("*", "whatever uses a key of another context")),
    BREAK("S.2 S.7", "let-go-after-a-write", CardDeauthenticate, after_a_write, ANSWERS(ODD_CODE),
          MAY_SPREAD("*", "whatever lets go after a write")),
    BREAK("S.3.RSA S.3.ECC", "two-signatures", any, has_data, DOES(sign_few), .a = 2,
          MAY_SPREAD("*", "whatever signs")),
    BREAK("S.4", "three-contexts", CardAcquireContext, three_live,
          ANSWERS(SCARD_E_SHARING_VIOLATION),
          MAY_SPREAD("CMR.1 CMR.3.1.1", "they have several contexts")),
    BREAK("S.7", "blocked-for-ever", any, has_data, DOES(unblock_the_unblocked),
          MAY_SPREAD("*", "whatever blocks the PIN")),
};

const struct table sequence_table = { lines, ARRAY(lines) };
