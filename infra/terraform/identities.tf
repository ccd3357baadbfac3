# One identity a process, each with what its work needs and no more.

resource "google_service_account" "capture" {
  account_id   = "floorlog-capture"
  display_name = "Floorlog: capture writes audio and announces it"
}

resource "google_service_account" "pipeline" {
  account_id   = "floorlog-pipeline"
  display_name = "Floorlog: the pipeline reads announcements and audio, and writes the store"
}

resource "google_service_account" "pages" {
  account_id   = "floorlog-pages"
  display_name = "Floorlog: the pages read the store and audio, and send dead letters again"
}

resource "google_service_account" "api" {
  account_id   = "floorlog-api"
  display_name = "Floorlog: the API reads the store and audio"
}

resource "google_storage_bucket_iam_member" "audio" {
  for_each = {
    capture  = { member = google_service_account.capture.member, role = "roles/storage.objectUser" }
    pipeline = { member = google_service_account.pipeline.member, role = "roles/storage.objectViewer" }
    pages    = { member = google_service_account.pages.member, role = "roles/storage.objectViewer" }
    api      = { member = google_service_account.api.member, role = "roles/storage.objectViewer" }
  }

  bucket = google_storage_bucket.audio.name
  role   = each.value.role
  member = each.value.member
}

resource "google_storage_bucket_iam_member" "pipeline" {
  bucket = google_storage_bucket.pipeline.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.pipeline.member
}

# The pipeline publishes too: what failed for now is sent again, because Dataflow acknowledges early.
resource "google_pubsub_topic_iam_member" "publishers" {
  for_each = {
    capture-live    = { topic = google_pubsub_topic.audio_segments.name, member = google_service_account.capture.member }
    capture-replay  = { topic = google_pubsub_topic.audio_segments_replay.name, member = google_service_account.capture.member }
    pipeline-live   = { topic = google_pubsub_topic.audio_segments.name, member = google_service_account.pipeline.member }
    pipeline-replay = { topic = google_pubsub_topic.audio_segments_replay.name, member = google_service_account.pipeline.member }
    pages-live      = { topic = google_pubsub_topic.audio_segments.name, member = google_service_account.pages.member }
    pages-replay    = { topic = google_pubsub_topic.audio_segments_replay.name, member = google_service_account.pages.member }
    relay-records   = { topic = google_pubsub_topic.records.name, member = google_service_account.capture.member } # on its machine
  }

  topic  = each.value.topic
  role   = "roles/pubsub.publisher"
  member = each.value.member
}

resource "google_pubsub_subscription_iam_member" "pipeline" {
  for_each = {
    live   = google_pubsub_subscription.pipeline.name
    replay = google_pubsub_subscription.pipeline_replay.name
  }

  subscription = each.value
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.pipeline.member
}

# Beam's source asks what a subscription is before it reads it.
resource "google_project_iam_member" "pipeline" {
  for_each = toset(["roles/dataflow.worker", "roles/pubsub.viewer"])

  project = var.project
  role    = each.value
  member  = google_service_account.pipeline.member
}

resource "google_secret_manager_secret_iam_member" "database_url" {
  for_each = {
    capture  = google_service_account.capture.member
    pipeline = google_service_account.pipeline.member
    pages    = google_service_account.pages.member
    api      = google_service_account.api.member
  }

  secret_id = google_secret_manager_secret.database_url.id
  role      = "roles/secretmanager.secretAccessor"
  member    = each.value
}

resource "google_artifact_registry_repository_iam_member" "images" {
  for_each = {
    capture  = google_service_account.capture.member
    pipeline = google_service_account.pipeline.member
  }

  repository = google_artifact_registry_repository.images.name
  location   = var.region
  role       = "roles/artifactregistry.reader"
  member     = each.value
}

resource "google_project_iam_member" "capture_logs" {
  for_each = toset(["roles/logging.logWriter", "roles/monitoring.metricWriter"])

  project = var.project
  role    = each.value
  member  = google_service_account.capture.member
}
