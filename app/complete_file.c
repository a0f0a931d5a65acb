/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of files, for completion: those in the folder that the word names so far. */
#include "app/command.h"

#include "app/memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOOKED_AT                                                                                  \
    20000 /* names of a folder; a larger one is not gone through while a person waits */

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* A name that begins with a dash would be taken for an option. */
static void add_file(struct completion *completion, const char *folder, const char *name)
{
    const char *here = folder[0] == '\0' && name[0] == '-' ? "./" : "";
    size_t kept = completion->value_at;
    size_t size = kept + strlen(folder) + strlen(name) + sizeof "./" + 1;
    char *text = memory_zeroed(size);
    snprintf(text, size, "%.*s%s%s%s", (int)kept, completion->word, kept > 0 ? "" : here, folder,
             name);
    if (is_folder(text + kept))
        strcat(text, "/");
    completion_add(completion, text);
    free(text);
}

void completion_add_files(struct completion *completion)
{
    const char *typed = completion->word + completion->value_at;
    const char *slash = strrchr(typed, '/');
    size_t folder_len = slash != NULL ? (size_t)(slash - typed) + 1 : 0;
    const char *begin = typed + folder_len;
    char *folder = memory_copy(typed, folder_len);
    DIR *dir = opendir(folder_len > 0 ? folder : ".");
    const struct dirent *entry;
    completion->files = true;
    for (int i = 0; dir != NULL && i < LOOKED_AT && (entry = readdir(dir)) != NULL; i++) {
        bool hidden = entry->d_name[0] == '.';
        bool dots = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        if (dots || (hidden && begin[0] != '.') ||
            strncmp(entry->d_name, begin, strlen(begin)) != 0)
            continue;
        add_file(completion, folder, entry->d_name);
    }
    if (dir != NULL)
        closedir(dir);
    free(folder);
}
