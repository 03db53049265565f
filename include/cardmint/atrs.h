/* SPDX-License-Identifier: MIT */
/*
 * Cards known by their answer to reset: one table for the driver, which asks a known card in its own
 * language first, for people, who like a name, and for the installation, which registers it.
 *
 *     ATR(kind, name, atr, mask)
 *
 *     kind  PIV or GIDS: the application that the minidriver uses
 *     atr   the bytes after masking, as the registry has them (Calais\SmartCards, ATR)
 *     mask  of the same length; a card is meant when (its ATR & mask) == atr and the lengths agree.
 *           A zero bit: any. Masks leave no room for a foreign card.
 *
 * A card that is not here is asked all the same: PIV, then GIDS, as the inbox driver does.
 */
#ifndef CARDMINT_ATRS_H
#define CARDMINT_ATRS_H

#define CARDMINT_ATRS(ATR)                                                                      \
    ATR(PIV, "cardmint software card, PIV",                                                     \
        "\x3B\x88\x80\x01" "mint-piv" "\x55",                                                   \
        "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")                                \
    ATR(GIDS, "cardmint software card",                                                         \
        "\x3B\x88\x80\x01" "cardmint" "\x03",                                                   \
        "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")

#endif
