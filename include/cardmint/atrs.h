/* SPDX-License-Identifier: MIT */
/*
 * Cards known by their answer to reset: one table for the driver, which asks a known card in its own
 * language first, for the host, which knows a card's name by it, and for the installation, which
 * registers it.
 *
 * A card is meant when (its ATR & mask) == atr and the lengths agree; `atr` holds the bytes after
 * masking, as the registry has them (Calais\SmartCards\<name>, values ATR and ATRMask). Masks leave no
 * room for a foreign card. A card that is not here is asked all the same: PIV, then GIDS, as the
 * inbox driver does (Windows' discovery of cards by application).
 *
 * Source of the YubiKeys': what these cards answer, as several public drivers list it.
 */
#ifndef CARDMINT_ATRS_H
#define CARDMINT_ATRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The application that the minidriver uses on the card. */
enum card_kind { CARD_KIND_PIV, CARD_KIND_GIDS, CARD_KIND_COUNT };

struct known_card {
    enum card_kind kind;
    const char *name;
    size_t len;                  /* of both */
    const char *atr, *mask;      /* bytes */
};

/* Does not compile where ATR and mask differ in length. */
#define CARDMINT_ATR(kind_, name_, atr_, mask_)                                              \
    { kind_, name_, sizeof(char[sizeof(atr_) == sizeof(mask_) ? sizeof(atr_) - 1 : -1]),     \
      atr_, mask_ }
#define CARDMINT_FF8 "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"

static const struct known_card known_cards[] = {
    CARDMINT_ATR(CARD_KIND_PIV, "cardmint software card, PIV",
                 "\x3B\x88\x80\x01" "mint-piv" "\x55", CARDMINT_FF8 "\xFF\xFF\xFF\xFF\xFF"),
    CARDMINT_ATR(CARD_KIND_GIDS, "cardmint software card",
                 "\x3B\x88\x80\x01" "cardmint" "\x03", CARDMINT_FF8 "\xFF\xFF\xFF\xFF\xFF"),
    CARDMINT_ATR(CARD_KIND_PIV, "YubiKey NEO",
                 "\x3B\xFC\x13\x00\x00\x81\x31\xFE\x15" "YubikeyNEOr3" "\xE1",
                 CARDMINT_FF8 CARDMINT_FF8 "\xFF\xFF\xFF\xFF\xFF\xFF"),
    CARDMINT_ATR(CARD_KIND_PIV, "YubiKey 4",
                 "\x3B\xF8\x13\x00\x00\x81\x31\xFE\x15" "Yubikey4" "\xD4",
                 CARDMINT_FF8 CARDMINT_FF8 "\xFF\xFF"),
    CARDMINT_ATR(CARD_KIND_PIV, "YubiKey 5",
                 "\x3B\xFD\x13\x00\x00\x81\x31\xFE\x15\x80\x73\xC0\x21\xC0\x57" "YubiKey" "\x40",
                 CARDMINT_FF8 CARDMINT_FF8 "\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
};

/* NULL: not known. */
static inline const struct known_card *known_card_find(const uint8_t *atr, size_t len)
{
    for (size_t i = 0; i < sizeof(known_cards) / sizeof(known_cards[0]); i++) {
        const struct known_card *card = &known_cards[i];
        bool same = card->len == len;

        for (size_t k = 0; same && k < len; k++)
            same = (atr[k] & (uint8_t)card->mask[k]) == (uint8_t)card->atr[k];
        if (same)
            return card;
    }
    return NULL;
}

#endif
