"""Texts to train tokenizers on, and 500 texts to ask with: ordinary ones, and those that tokenizers trip over."""

import itertools

import numpy as np

from reference import SEED

COUNT = 500

_SUBJECTS = ["The food", "The service", "This film", "My order", "The battery", "Her new book", "The room", "Their support team"]
_VERBS = ["was", "has been", "is", "turned out", "seemed", "wasn't", "isn't", "could have been"]
_JUDGEMENTS = [
    "excellent", "terrible", "slow and unfriendly", "better than expected", "a complete waste of money", "simply wonderful",
    "too expensive", "surprisingly good", "broken after two days", "nothing special",
]  # fmt: skip
_ENDINGS = [".", "!", "...", ", but we'll come back.", " - I want a refund!", " (5/5 stars)", "; don't buy it.", "?!"]
_OTHERS = [
    "Das Essen war köstlich, aber die Bedienung ließ lange auf sich warten.",
    "Le service était très lent et la soupe froide ; quelle déception !",
    "La película fue maravillosa, ¡no te la pierdas!",
    "A comida estava ótima e o preço é justo.",
    "Фильм оказался скучным, зато музыка прекрасная.",
    "Το φαγητό ήταν υπέροχο.",
    "食べ物はとても美味しかったですが、サービスは遅かったです。",
    "这家餐厅的服务很好，价格也很便宜。",
    "음식이 아주 맛있었어요. 다시 오고 싶습니다!",
    "الطعام كان لذيذاً والخدمة سريعة.",
    "האוכל היה טעים מאוד.",
    "खाना बहुत स्वादिष्ट था और सेवा तेज़ थी।",
    "อาหารอร่อยมาก แต่รอนาน",
    "Đồ ăn rất ngon, phục vụ nhanh chóng.",
    "Jídlo bylo výborné, příště přijdeme zas.",
    "Yemek çok lezzetliydi, İstanbul'da böylesi yok.",
]

AWKWARD = [
    # Nothing, and next to nothing.
    "", " ", "   ", "\t", "\n", "\r\n", " \t\n ", "\u00a0", "\u3000", "\u200b", ".", "a", "1", "é", "\u0301", "中",
    # Blanks at the ends and in the middle.
    " leading", "trailing ", "  two  blanks  between  ", "tab\tbetween", "line\nbreak", "line\r\nbreak", "a\u00a0b", "a\u2003b", "a\u3000b", "a\u2028b\u2029c", "a\u0085b", "a\u000bb\u000cc",
    # What nobody sees.
    "zero\u200bwidth", "join\u200der", "non\u200cjoiner", "soft\u00adhyphen", "word\u2060joiner", "byte\ufefforder", "left\u200eto right\u200f", "\u202eoverride\u202c", "\u2066isolate\u2069", "variation\ufe0f",
    # Control characters.
    "nul\u0000inside", "\u0000", "bell\u0007", "escape\u001b[31mred\u001b[0m", "delete\u007f", "c1\u0080\u009f", "unit\u001fseparator", "replacement\ufffd", "private\ue000", "nonchar\uffff",
    # Emoji.
    "👍", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "❤️", "1️⃣", "great 😀😀😀!", "🤷🏿‍♀️ whatever", "love it❤", "☺", "⭐⭐⭐⭐☆", "😀text😀without😀blanks",
    # Chinese, Japanese, Korean.
    "我喜欢这部电影", "服务很差！！！", "とても良い映画でした。", "カタカナとひらがな", "ｶﾀｶﾅ", "ＦＵＬＬ　ＷＩＤＴＨ", "한국어 문장입니다.", "\u1112\u1161\u11ab\u1100\u1173\u11af", "混合 mixed 文字 text", "𠀀𠀁 rare", "㍿㌔㈱", "々〆〇",
    # Scripts of right to left, and of India and Thailand.
    "هذا فيلم رائع", "السَّلَامُ عَلَيْكُمْ", "ﷺ ﻻ", "زبان فارسی می‌خواهم", "זה סרט נהדר", "שָׁלוֹם", "यह फिल्म अच्छी है", "क्षत्रिय श्री", "তুমি কেমন আছো", "ภาษาไทยไม่มีช่องว่าง", "ព្រះ", "தமிழ்", "ᎣᏏᏲ", "ⴰⵣⵓⵍ", "አማርኛ",
    # Accents, composed and not; letters that change their length.
    "café", "cafe\u0301", "naïve façade", "Ångström \u212b \u0041\u030a", "e\u0301\u0301\u0301\u0301", "Z\u0351\u036b\u0343a\u0325l\u0362g\u0361o\u034f", "Straße STRASSE ẞ", "İstanbul ıI", "ﬁ ﬂ ﬀ ﬃ ﬅ", "ǅ ǆ Ǆ", "ΑΣ ας", "Œuvre ŒUVRE æ", "ŉ ǰ ΐ", "Ⅷ ⅷ ½ ² ₂ ™ ℡", "𝓯𝓪𝓷𝓬𝔂 𝕥𝕖𝕩𝕥", "Ⓐⓑ① ⑳",
    # Numbers, signs and code.
    "1234567890", "3.14159", "1,000,000.00 €", "$9.99/month", "50%", "2024-01-31T12:00:00Z", "x = a[i++] && !b;", "<html><br/></html>", "{\"key\": [1, 2]}", "https://example.com/a?b=c&d=%20#e", "me@example.com", "#hashtag @user", "C:\\Users\\x", "a_b-c.d", "--flag=1", "`code` ``quotes'' \"x\"", "“quoted” ‘text’ «so» „auch“", "… – — ‒ ‐ ‑ −", "!!!???...", "a.b.c", "don't can't I'll we've I'd it's", "DON'T CAN'T", "'s 't 're", "~～〜", "\\n \\u0041", "^$*+?()[]{}|", "±×÷≠≤≥∞√∑", "←↑→↓⇒",
    # Texts that look like a tokenizer's own.
    "[CLS] [SEP] [MASK] [PAD] [UNK]", "[SEP]", "<s> </s> <mask> <pad> <unk>", "</s>", "<mask>", "hello[MASK]world", "hello <mask> world", "▁under ▁score", "Ġ Ċ", "##ing ##", "[cls] [sep]",
    # Long ones.
    "a" * 99, "a" * 101, "a" * 250, "supercalifragilisticexpialidocious" * 4, "中" * 200, "😀" * 100, "a " * 300, ". " * 200, "the food was good and " * 20, "word\n" * 120, "x" * 3500, "The food was good, but slow. " * 121, "é" * 600, "न" * 400, " " * 300, "\u0301" * 60, "0123456789" * 60, "我喜欢" * 150,
]  # fmt: skip


def ordinary() -> list[str]:
    """Sentences in English, of reviews, and in other languages."""
    sentences = [
        f"{subject} {verb} {judgement}{ending}"
        for subject, verb, judgement, ending in itertools.product(_SUBJECTS, _VERBS, _JUDGEMENTS, _ENDINGS)
    ]
    return [*sentences, *_OTHERS]


def corpus() -> list[str]:
    """What the tokenizers are trained on."""
    return ordinary() + _OTHERS * 20


def asked() -> list[str]:
    """The 500 texts: the awkward ones, and ordinary ones: alone, two together, in capitals, mixed with awkward ones."""
    random = np.random.default_rng(SEED)
    sentences = ordinary()
    texts = [*AWKWARD, *_OTHERS]
    while len(texts) < COUNT:
        first, second = (sentences[at] for at in random.integers(0, len(sentences), 2))
        strange = AWKWARD[random.integers(0, 150)]
        texts.append([first, f"{first} {second}", first.upper(), f"{first} {strange}", f"{strange}{second}"][len(texts) % 5])
    return texts


def pairs() -> list[tuple[str, str]]:
    """The 500 texts, each with another one."""
    texts = asked()
    return list(zip(texts, texts[137:] + texts[:137], strict=True))
