"""The article's own kind of worker: no claim, no heartbeat, no library of ours."""
import json, math, os, sys, urllib.request
import pika

if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)


def work(channel, method, _properties, body):
    message = json.loads(body)
    output = str(math.factorial(message["input"]))
    update = {"id": message["request_id"], "status": "done", "output": output}
    request = urllib.request.Request(
        os.environ["INTERNAL_URL"] + "/factorial/update",
        json.dumps(update).encode(),
        {"Content-Type": "application/json", "Authorization": "Bearer " + os.environ["TOKEN"]},
    )
    try:
        urllib.request.urlopen(request, timeout=10)
        print(message["request_id"], "done", flush=True)
    except urllib.error.HTTPError as refused:
        print(message["request_id"], refused.code, flush=True)
    channel.basic_ack(method.delivery_tag)


channel = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"])).channel()
channel.basic_qos(prefetch_count=1)
channel.basic_consume("factorial_process", work)
print("consuming", flush=True)
try:
    channel.start_consuming()
except KeyboardInterrupt:
    pass
