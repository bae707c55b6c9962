import os
import sys

from openai import OpenAI

file, *pictures = sys.argv[1:] or ["boat.mp4"]
client = OpenAI(base_url=os.environ["CLEARMAAS_URL"] + "/v1", api_key=os.environ["CLEARMAAS_API_KEY"])

video = client.videos.create_and_poll(
    model="kling/kling-v2-6",
    prompt="A paper boat on a rainy street",
    seconds="5",
    extra_body={"metadata": {"negative_prompt": "people"}},
    **({"input_reference": open(pictures[0], "rb")} if pictures else {}),
)
if video.status == "failed":
    sys.exit(video.error.message)

client.videos.download_content(video.id).write_to_file(file)
print(f"{file}: {video.seconds} s, {video.size}, {video.id}")
