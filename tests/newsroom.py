"""A morning's comments at a newsroom: what moderators meet, in the words of readers."""

import asyncio

import aiohttp

from tests.installation import Installation, until
from tests.reader import ARTICLE, Desk, Reader

TRAIN, MARKET, LIBRARY = "night-train-timetable", "cho-noi-hop-som", "library-of-things"
# Name, article, title, content; None: the campaign's numbers come from where they stand.
HONEST = (
    (
        "Nguyễn Thị Hương",
        ARTICLE,
        "Đi bộ thích hơn hẳn",
        "Cuối tuần rồi cả nhà tôi đi bộ từ hồ ra chợ, trẻ con chạy thoải mái mà không sợ xe.",
    ),
    (
        "Trần Văn Bền",
        ARTICLE,
        "Còn chỗ gửi xe thì sao?",
        "Thêm bốn tuyến phố thì mừng, nhưng người ở xa đến gửi xe ở đâu? Bãi cũ lúc nào cũng đầy.",
    ),
    (
        "Lê Minh",
        MARKET,
        "Chợ sớm mới mát",
        "Bà ngoại tôi bán ở đó ba mươi năm, bà nói họp sớm một giờ là đỡ mệt thật.",
    ),
    (
        "Phạm Quỳnh Anh",
        MARKET,
        "Nhớ tô bún trên ghe",
        "Năm năm rồi chưa về, đọc bài mà nhớ mùi nước lèo bốc lên trong sương.",
    ),
    (
        "Margaret",
        TRAIN,
        "An hour more sleep",
        "The old departure meant getting up at four. Thank you to whoever listened to us.",
    ),
    (
        "Tom H.",
        LIBRARY,
        "The rice cooker deserves its fame",
        "Borrowed it for my daughter's birthday. Forty guests, not one burnt grain.",
    ),
)
DOUBTFUL = (
    (
        "Hoàng Sơn",
        ARTICLE,
        "Mời mọi người xem thêm",
        "Tôi có viết dài hơn về chuyện này ở trang hoangson-ghichep.com, ai rảnh ghé đọc nhé.",
    ),
    (
        "Vay nhanh 24h",
        MARKET,
        "Hỗ trợ vốn cho tiểu thương",
        "Giải ngân trong ngày, không thế chấp, lãi suất thấp. Liên hệ z.a.l.o 0912 345 678.",
    ),
    (
        "Bảo Trâm",
        ARTICLE,
        "Ai nghĩ ra cái này vậy",
        "Đồ ngu mới đi cấm xe giờ cao điểm, quản lý kiểu óc chó thì dân chịu.",
    ),
    (
        "Ban biên tập",
        MARKET,
        "Thông báo",
        "Độc giả nhận quà tri ân vui lòng nhắn số tài khoản để tòa soạn chuyển khoản.",
    ),
    (
        "Cheap tickets",
        TRAIN,
        "Half price, today only",
        "Skip the queue and book your sleeper at half price, see bit.ly/sleeper-deal before noon!",
    ),
)
CAMPAIGN = (
    "Kiếm {} triệu mỗi tháng chỉ với điện thoại, không cần vốn, nhắn Zalo 0987 65{} để được "
    "chuyên viên hướng dẫn tận tình từng bước cho người mới bắt đầu."
)
NAMES = ("Thu Hà", "Kim Chi", "Mỹ Linh", "Ngọc Ánh", "Bích Vân", "Hồng Nhung", "Thanh Tâm")


async def post_a_morning(site: Installation, http: aiohttp.ClientSession) -> list[str]:
    """Post it all, have it checked, and have a moderator decide on some; the ids of all."""
    reader = Reader(site, http)
    rows = [*HONEST, *DOUBTFUL]
    rows += [
        (name, ARTICLE, "Việc làm tại nhà", CAMPAIGN.format(10 + at, 1000 + at * 37))
        for at, name in enumerate(NAMES)
    ]
    ids = []
    for at, (name, article, title, content) in enumerate(rows):
        phone = f"09123456{at:02}" if at % 3 == 0 else ""
        form = reader.form(article, name=name, title=title, content=content, phone=phone)
        status, answer = await reader.post(form, article)
        assert status == 202, answer
        ids.append(str(answer["id"]))

    async def checked() -> bool:
        states = await asyncio.gather(*(reader.state(each) for each in ids))
        return not {"received", "approved"} & set(states)

    await until(checked, "the morning's comments are checked")
    desk = await Desk.log_in(site, "nam")
    await desk.decides("reject", ids[len(HONEST) + 4], reason="spam")
    await desk.close()
    return ids
