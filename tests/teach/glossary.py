"""The technical words of the walkthrough: how each is written in English and in Chinese, and its entry in `explain`.

A text of the walkthrough may use a word that stands here, a word in capitals that `explain` knows, or plain English
(plain_words.txt). Whoever uses a new word finds it in none of these, and decides: plain, or a term with an entry.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Term(NamedTuple):
    """`english`: a pattern, at word boundaries, in any case; `chinese`: one of these stands in the translation."""

    name: str
    english: str
    chinese: tuple[str, ...]


def term(name: str, english: str, *chinese: str) -> Term:
    return Term(name, english, chinese)


#: Longer terms before the words they consist of: what matches is not looked at again.
GLOSSARY = (
    term("three-way handshake", r"(?:three-way )?handshake", "握手"),
    term("four-step close", r"four-step close", "四次挥手"),
    term("simultaneous open", r"simultaneous open", "同时打开"),
    term("half-close", r"half-closed", "半关闭"),
    term("fast-retransmission", r"fast retransmission", "快速重传"),
    term("spurious-retransmission", r"spurious retransmission", "多余的重传"),
    term("RTO", r"retransmission time(?:out|r)|timer", "超时", "定时器"),
    term("retransmission", r"retransmissions?", "重传"),
    term("dup-ack", r"duplicate ACKs?", "重复确认"),
    term("out-of-order", r"out of order", "乱序"),
    term("keep-alive", r"keep-alives?", "保活", "keep-alive"),
    term("window scale", r"window scale|its scale", "窗口扩大因子"),
    term("slow start", r"slow start", "慢启动"),
    term("slow start", r"bursts?", "批"),
    term("zero-window-probe", r"probes?", "探测"),
    term("flow control", r"flow control", "流量控制"),
    term("receive buffer", r"(?:receive )?buffer", "缓冲区"),
    term("bytes in flight", r"flight", "在途"),
    term("window", r"windows?", "窗口"),
    term("RTT", r"round trips?", "往返"),
    term("timestamps", r"timestamps", "时间戳"),
    term("timestamps", r"clock", "时钟"),
    term("TCP option", r"options", "选项"),
    term("acknowledgment number", r"confirm(?:s|ed|ing|ation)?|unconfirmed|(?-i:ack)", "确认", "ack"),
    term("method", r"method", "方法"),
    term("max-age", r"max-age|no-cache|no-store", "max-age", "no-cache", "no-store"),
    term("cookie", r"cookies?", "Cookie"),
    term("credentials", r"Basic|password", "Basic"),
    term("cache", r"cache", "缓存"),
    term("sequence number", r"numbers?|numbering|seq", "序列号", "号", "序号", "编号", "seq", "个", "统计"),
    term("segment", r"segments?|pieces?", "报文段", "段"),
    term("packet", r"packets?", "数据包", "包", "No"),
    term("connection", r"connections?", "连接"),
    term("client", r"clients?", "客户端"),
    term("browser", r"browsers?", "浏览器"),
    term("server", r"servers?", "服务器"),
    term("port", r"ports?", "端口"),
    term("firewall", r"firewall", "防火墙"),
    term("flag", r"flag", "标志"),
    term("gap", r"missing|holes?", "缺", "没有抓到", "没有经过", "没到", "差"),
    term("reset", r"resets?", "复位", "RST"),
    term("refused", r"refused|refuses", "拒绝"),
    term("capture", r"captures?|captured", "抓"),
    term("exchange", r"exchanges?", "交互"),
    term("pipelining", r"pipelined", "管道化"),
    term("header field", r"header fields?", "首部字段", "首部"),
    term("interim answer", r"interim answer", "临时响应"),
    term("status line", r"status line", "状态行"),
    term("status code", r"status(?: code)?", "状态码", "状态"),
    term("head", r"heads?", "首部"),
    term("body", r"bod(?:y|ies)", "消息体"),
    term("content type", r"content type", "内容类型"),
    term("boundary", r"boundary", "分界符"),
    term("chunk", r"chunks?|chunked", "分块", "chunked"),
    term("content coding", r"coding|unpacked|packed", "编码", "解压", "压缩"),
    term("conditional request", r"conditions?", "条件"),
    term("message", r"messages?", "消息"),
    term("request target", r"requests?|requested", "请求"),
    term("URL", r"address(?:es)?", "地址"),
    term("resource", r"resource", "资源"),
    term("form", r"forms?", "表单", "版本"),
    term("upload", r"uploads?", "上传"),
    term("tunnel", r"tunnel", "隧道"),
    term("tls", r"encrypted", "加密"),
    term("TIME-WAIT", r"stragglers", "迟到"),
)

#: Words in capitals that are no terms.
NO_TERMS = {"RFC", "WHATWG", "WORD", "XX"}

#: What is taken out of a text before its words are looked at.
PLACES = re.compile(r"\{[^}]*\}")
CAPITALS = re.compile(r"[A-Za-z][\w/.-]*[A-Z][\w/.-]*\w|[A-Z]{2,}")
WORDS = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")


def pattern(one: Term) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{one.english})(?![\w-])", re.IGNORECASE)
