/* Operations of mode `try` on what network and ipc namespaces isolate: network devices, ports, message queues. */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
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

static void see_address(struct json *document, struct nlmsghdr *message)
{
    struct ifaddrmsg *header = NLMSG_DATA(message);
    int length = (int)IFA_PAYLOAD(message);
    void *address = NULL;
    char text[INET6_ADDRSTRLEN], shown[INET6_ADDRSTRLEN + 8];

    for (struct rtattr *attribute = IFA_RTA(header); RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length))
        /* Of a device with a peer, IFA_ADDRESS is the other end. */
        if (attribute->rta_type == IFA_LOCAL || (attribute->rta_type == IFA_ADDRESS && !address))
            address = RTA_DATA(attribute);
    if (!address || !inet_ntop(header->ifa_family, address, text, sizeof text))
        return;
    snprintf(shown, sizeof shown, "%s/%d", text, header->ifa_prefixlen);
    json_string(document, NULL, shown);
}

/* As address/prefix, those of one device. Not by getifaddrs(3), which goes by labels, and they may be any. */
static int see_addresses(struct json *document, unsigned index)
{
    struct {
        struct nlmsghdr header;
        struct ifaddrmsg message;
    } request = {{sizeof request, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {0}};
    static char answer[1 << 16];
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    ssize_t length = fd < 0 ? -1 : send(fd, &request, sizeof request, 0);
    bool done = length < 0;

    json_array(document, "addresses");
    while (!done) {
        length = recv(fd, answer, sizeof answer, 0);
        int left = (int)length;

        done = length <= 0;
        for (struct nlmsghdr *message = (void *)answer; !done && NLMSG_OK(message, (unsigned)left);
             message = NLMSG_NEXT(message, left)) {
            done = message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR;
            if (message->nlmsg_type == RTM_NEWADDR
                && ((struct ifaddrmsg *)NLMSG_DATA(message))->ifa_index == index)
                see_address(document, message);
        }
    }
    json_close(document);
    int saved = errno;

    if (fd >= 0)
        close(fd);
    errno = saved;
    return length < 0 ? -1 : 0;
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
        outcome = see_addresses(result, if_nametoindex(words[1]));
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
