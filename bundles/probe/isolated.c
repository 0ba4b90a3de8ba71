/* Operations of mode `try` on what network and ipc namespaces isolate: network devices, ports, message queues. */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <unistd.h>

/* links: the names of the network devices. */
int try_links(char **words, struct json *result)
{
    struct if_nameindex *found = if_nameindex();

    (void)words;
    if (!found)
        return -1;
    json_array(result, "names");
    for (struct if_nameindex *link = found; link->if_name; link++)
        json_string(result, NULL, link->if_name);
    json_close(result);
    if_freenameindex(found);
    return 0;
}

static int prefix_length(const unsigned char *mask, int size)
{
    int length = 0;

    for (int i = 0; i < size; i++)
        length += __builtin_popcount(mask[i]);
    return length;
}

/* As address/prefix, those of one device. */
static int see_addresses(struct json *document, const char *name)
{
    struct ifaddrs *found;
    char text[INET6_ADDRSTRLEN], shown[INET6_ADDRSTRLEN + 8];

    if (getifaddrs(&found) < 0)
        return -1;
    json_array(document, "addresses");
    for (struct ifaddrs *entry = found; entry; entry = entry->ifa_next) {
        int family = entry->ifa_addr ? entry->ifa_addr->sa_family : AF_UNSPEC;

        if (strcmp(entry->ifa_name, name) || (family != AF_INET && family != AF_INET6) || !entry->ifa_netmask)
            continue;
        void *address = family == AF_INET ? (void *)&((struct sockaddr_in *)entry->ifa_addr)->sin_addr
                                          : (void *)&((struct sockaddr_in6 *)entry->ifa_addr)->sin6_addr;
        void *mask = family == AF_INET ? (void *)&((struct sockaddr_in *)entry->ifa_netmask)->sin_addr
                                       : (void *)&((struct sockaddr_in6 *)entry->ifa_netmask)->sin6_addr;

        inet_ntop(family, address, text, sizeof text);
        snprintf(shown, sizeof shown, "%s/%d", text, prefix_length(mask, family == AF_INET ? 4 : 16));
        json_string(document, NULL, shown);
    }
    json_close(document);
    freeifaddrs(found);
    return 0;
}

static void see_hardware_address(struct json *document, const struct ifreq *request)
{
    const unsigned char *bytes = (const unsigned char *)request->ifr_hwaddr.sa_data;
    char text[18];

    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
             bytes[5]);
    json_string(document, "hardware_address", text);
}

/* link NAME: what there is to know of a network device. */
int try_link(char **words, struct json *result)
{
    struct ifreq request = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), outcome;

    if (fd < 0)
        return -1;
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", words[1]);
    outcome = ioctl(fd, SIOCGIFFLAGS, &request);
    if (outcome == 0) {
        json_object(result, "link");
        json_boolean(result, "up", request.ifr_flags & IFF_UP);
        if (ioctl(fd, SIOCGIFMTU, &request) == 0)
            json_integer(result, "mtu", request.ifr_mtu);
        if (ioctl(fd, SIOCGIFTXQLEN, &request) == 0)
            json_integer(result, "queue_length", request.ifr_qlen);
        if (ioctl(fd, SIOCGIFHWADDR, &request) == 0)
            see_hardware_address(result, &request);
        outcome = see_addresses(result, words[1]);
        json_close(result);
    }
    int saved = errno;

    close(fd);
    errno = saved;
    return outcome;
}

/* connect PORT: over TCP, to the loopback address. */
int try_connect(char **words, struct json *result)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[1]))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), outcome;

    (void)result;
    if (fd < 0)
        return -1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    outcome = connect(fd, (struct sockaddr *)&address, sizeof address);
    int saved = errno;

    close(fd);
    errno = saved;
    return outcome;
}

/* message-queue KEY: find one of System V that exists. */
int try_message_queue(char **words, struct json *result)
{
    (void)result;
    return msgget((key_t)atoi(words[1]), 0) < 0 ? -1 : 0;
}

/* mqueue NAME: open one of POSIX that exists. */
int try_mqueue(char **words, struct json *result)
{
    mqd_t queue = mq_open(words[1], O_RDONLY | O_CLOEXEC);

    (void)result;
    if (queue == (mqd_t)-1)
        return -1;
    mq_close(queue);
    return 0;
}
