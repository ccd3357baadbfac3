# The same graph as on one machine, as two streaming jobs: a live meeting never queues behind a replay.
# The jobs keep nothing in the runner, so that an update replaces one without migrating anything.

resource "google_dataflow_flex_template_job" "pipeline" {
  provider = google-beta
  for_each = var.pipeline_template == "" ? {} : {
    live = {
      subscription = google_pubsub_subscription.pipeline.name
      topic        = google_pubsub_topic.audio_segments.name
    }
    replay = {
      subscription = google_pubsub_subscription.pipeline_replay.name
      topic        = google_pubsub_topic.audio_segments_replay.name
    }
  }

  name                         = "floorlog-${each.key}"
  region                       = var.region
  container_spec_gcs_path      = var.pipeline_template
  on_delete                    = "drain"
  skip_wait_on_job_termination = false

  parameters = {
    subscription = each.value.subscription
    topic        = each.value.topic
    model        = var.model
  }

  service_account_email   = google_service_account.pipeline.email
  subnetwork              = google_compute_subnetwork.floorlog.self_link
  ip_configuration        = "WORKER_IP_PRIVATE"
  machine_type            = var.pipeline_machine
  max_workers             = var.pipeline_workers
  enable_streaming_engine = true
  additional_experiments  = ["streaming_mode_at_least_once"]
  sdk_container_image     = var.pipeline_image
  staging_location        = "${google_storage_bucket.pipeline.url}/staging"
  temp_location           = "${google_storage_bucket.pipeline.url}/temp"

  depends_on = [google_project_iam_member.pipeline, google_secret_manager_secret_version.database_url]
}
