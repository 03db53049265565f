/* SPDX-License-Identifier: MIT */
/* What the sequences of 2.5 share: the Base CSP's part (host.h) on card 0, a certification authority
 * and the session keys of a software CSP (libcrypto). */
#ifndef CARDMINT_KIT_BENCH_SCENARIO_H
#define CARDMINT_KIT_BENCH_SCENARIO_H

#include "cardmint/host.h"
#include "kit/kit.h"

#include <openssl/evp.h>

/* One step as the document names it; it must succeed. */
#define STEP(r, name, rc) scenario_step((r), (name), (rc), #rc)
void scenario_step(struct run *r, const char *name, DWORD rc, const char *call);

struct scenario {
    struct run *run;
    struct host *host;
    const char *container; /* name of the one this scenario works with */
    DWORD rsa_bits;        /* that the card has: as few as it allows, from 1024 on */
    bool generates;        /* the card makes keys; else they are brought */
};

/* Opens the host, begins a transaction, sees to the minidriver file system. Deletes a container of
 * that name that an earlier run has left. Nobody is authenticated. */
void scenario_open(struct run *r, struct scenario *s, const char *container);
/* Closes and opens: another program, which knows nothing yet. */
void scenario_again(struct scenario *s);
/* A context more, on a connection of its own: `of` lives on, without the card until host_begin. */
void scenario_another(struct scenario *of, struct scenario *ret);
/* Closes this one alone. */
void scenario_leave(struct scenario *s);
/* Deletes the container, closes. */
void scenario_close(struct scenario *s);

void scenario_login(struct scenario *s, const char *step);
/* Makes a key; the user is authenticated. */
void scenario_key(struct scenario *s, DWORD spec);
/* The card's public key. Free with EVP_PKEY_free. */
EVP_PKEY *scenario_public(struct scenario *s, DWORD spec);
/* A certificate for it by an authority of this run, written to the card. */
void scenario_certificate(struct scenario *s, DWORD spec);

/* By the key itself, with a hash that scenario_sign has found. */
void scenario_request(struct scenario *s, DWORD spec, ALG_ID hash);
void scenario_own_certificate(struct scenario *s, DWORD spec, ALG_ID hash);

/* Signs data's hash on the card, and then verifies it with the public key exported there: by the
 * first of two hashes (0: there is no second) that the card supports, which it returns. */
ALG_ID scenario_sign(struct scenario *s, DWORD spec, const char *step, const ALG_ID hashes[2],
                     const BYTE *data, size_t len);
const EVP_MD *scenario_md(ALG_ID hash);

/* A session key of a software CSP: encrypts `data`, wraps the key under the card's public key
 * (PKCS#1: what a SIMPLEBLOB holds), has the card unwrap it, decrypts, and compares.
 * cipher: "DES-EDE3-CBC", "RC2-CBC" or "AES-256-CBC". */
void scenario_session(struct scenario *s, const char *cipher, const BYTE *data, size_t len);

#endif
