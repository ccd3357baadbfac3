# Announcements travel on two topics, so that a live meeting never queues behind recordings and replays.
# A subscription that expires would lose a meeting after a quiet month: none here does (ttl = "").

locals {
  kept = "604800s" # seven days: time to notice and mend anything before a message is lost
}

resource "google_pubsub_topic" "audio_segments" {
  name                       = "audio-segments"
  message_retention_duration = local.kept
  depends_on                 = [google_project_service.needed]
}

resource "google_pubsub_topic" "audio_segments_replay" {
  name                       = "audio-segments-replay"
  message_retention_duration = local.kept
  depends_on                 = [google_project_service.needed]
}

resource "google_pubsub_topic" "records" {
  name                       = "records"
  message_retention_duration = local.kept
  depends_on                 = [google_project_service.needed]
}

resource "google_pubsub_subscription" "pipeline" {
  name                       = "pipeline"
  topic                      = google_pubsub_topic.audio_segments.id
  ack_deadline_seconds       = 600
  message_retention_duration = local.kept
  retain_acked_messages      = true # a `seek` brings a meeting back after a bad deployment

  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "5s"
    maximum_backoff = "120s"
  }
}

resource "google_pubsub_subscription" "pipeline_replay" {
  name                       = "pipeline-replay"
  topic                      = google_pubsub_topic.audio_segments_replay.id
  ack_deadline_seconds       = 600
  message_retention_duration = local.kept

  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "5s"
    maximum_backoff = "120s"
  }
}

# Deadlines (a missing segment, an ended stream) are looked at when a tick arrives, on any runner.
resource "google_cloud_scheduler_job" "tick" {
  name      = "floorlog-tick"
  region    = var.region
  schedule  = "* * * * *"
  time_zone = "Etc/UTC"

  pubsub_target {
    topic_name = google_pubsub_topic.audio_segments.id
    data       = base64encode(jsonencode({ schema = "segment/1", kind = "tick" }))
  }

  depends_on = [google_project_service.needed]
}
