/* SPDX-License-Identifier: MIT */
/*
 * host-sign CONTAINER FILE > SIGNATURE: signs a file with a key on a card, with the library as it
 * is installed.
 *
 *     cc host-sign.c $(pkg-config --cflags --libs cardmint-host) -o host-sign
 *     echo 123456 | ./host-sign mykey letter.txt > letter.sig
 *
 * The PIN is a line on standard input. Which reader and which module: cardmint.conf.
 */
#include <cardmint/host.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static int say(const char *what, DWORD code)
{
    fprintf(stderr, "host-sign: %s: %s (%s)\n", what, host_says(code), host_code_name(code));
    return 1;
}

static int digest_file(const char *path, unsigned char digest[32])
{
    FILE *file = fopen(path, "rb");
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    unsigned char part[4096];
    size_t n;
    int ok = file != NULL && hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1;

    while (ok && (n = fread(part, 1, sizeof part, file)) > 0)
        ok = EVP_DigestUpdate(hash, part, n) == 1;
    ok = ok && ferror(file) == 0 && EVP_DigestFinal_ex(hash, digest, NULL) == 1;
    EVP_MD_CTX_free(hash);
    if (file != NULL)
        fclose(file);
    return ok;
}

/* Everything between host_begin and host_end is one transaction: nobody comes between. */
static int sign(struct host *host, const char *container, const unsigned char digest[32])
{
    char pin[130] = "";
    BYTE *signature = NULL;
    size_t len = 0;
    DWORD left, rc;
    int written;

    if (fgets(pin, sizeof pin, stdin) == NULL)
        return say("no PIN on standard input", SCARD_E_INVALID_PARAMETER);
    rc = host_begin(host);
    if (rc == SCARD_S_SUCCESS) {
        rc = host_login(host, (const BYTE *)pin, strcspn(pin, "\r\n"), &left);
        if (rc == SCARD_W_WRONG_CHV)
            fprintf(stderr, "host-sign: tries left: %u\n", left);
        if (rc == SCARD_S_SUCCESS) /* 0: the key exchange key, else the signature key */
            rc = host_sign(host, container, 0, CALG_SHA_256, digest, 32, &signature, &len);
        host_end(host);
    }
    OPENSSL_cleanse(pin, sizeof pin);
    if (rc != SCARD_S_SUCCESS)
        return say("the card did not sign", rc);
    written = fwrite(signature, 1, len, stdout) == len && fflush(stdout) == 0;
    host_free(signature, len);
    return written ? 0 : say("the signature cannot be written", ERROR_DISK_FULL);
}

int main(int argc, char **argv)
{
    struct host_options options = { 0 };
    struct host_config config;
    struct host_error err;
    struct host *host = NULL;
    unsigned char digest[32];
    int status;

    if (argc != 3 || !digest_file(argv[2], digest)) {
        fprintf(stderr, "usage: host-sign CONTAINER FILE > SIGNATURE, with the PIN on standard "
                        "input and a FILE that can be read\n");
        return 2;
    }
    if (host_config_load(NULL, &config, &err) != SCARD_S_SUCCESS) {
        fprintf(stderr, "host-sign: %s\n", err.says);
        return 1;
    }
    options.module = config.module;
    options.pcsc = config.pcsc;
    options.reader = config.reader;
    options.version = config.version;
    options.policy = &config.policy;
    if (host_open(&options, &host, &err) == SCARD_S_SUCCESS) {
        status = sign(host, argv[1], digest);
        host_close(host);
    } else {
        fprintf(stderr, "host-sign: %s\n", err.says);
        status = 1;
    }
    host_config_clear(&config);
    return status;
}
