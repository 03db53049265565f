# SPDX-License-Identifier: MIT
# Language, warnings and hardening: one place; every target of ours links cm_warnings.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(cm_include INTERFACE)
target_include_directories(cm_include INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
if(NOT WIN32)
    target_compile_definitions(cm_include INTERFACE _GNU_SOURCE)
endif()

add_library(cm_warnings INTERFACE)
target_compile_options(cm_warnings INTERFACE
    -Wall -Wextra -Wconversion -Wshadow -Wcast-qual -Wmissing-prototypes -Wstrict-prototypes
    -Wvla -Wformat=2 -Wundef -Wwrite-strings -Wpointer-arith
    $<$<BOOL:${CARDMINT_WERROR}>:-Werror>)

if(NOT WIN32)
    add_compile_options(-fstack-protector-strong)
    add_link_options(-Wl,-z,relro,-z,now)
endif()

if(CARDMINT_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()
