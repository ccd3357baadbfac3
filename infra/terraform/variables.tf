variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of everything; near the stream's origin keeps the delay small."
  type        = string
  default     = "us-east1"
}

variable "zone" {
  description = "Zone of the capture machine."
  type        = string
  default     = "us-east1-b"
}

variable "image" {
  description = "Image of capture and the pages (infra/images/floorlog.Dockerfile), named with its digest. Empty: neither is made yet."
  type        = string
  default     = ""
}

variable "pipeline_template" {
  description = "gs:// place of the Flex Template's specification (infra/README.md). Empty: the pipeline is not started yet."
  type        = string
  default     = ""
}

variable "pipeline_image" {
  description = "Image of the pipeline's workers (infra/images/dataflow.Dockerfile), named with its digest."
  type        = string
  default     = ""
}

variable "model" {
  description = "Recogniser: a name on the hub, or a path in the workers' image."
  type        = string
  default     = "large-v3-turbo"
}

variable "pipeline_workers" {
  description = "Most workers that the pipeline may grow to; one transcribes about one live channel with the default model."
  type        = number
  default     = 4
}

variable "pipeline_machine" {
  description = "Machine type of a pipeline worker."
  type        = string
  default     = "n2-standard-8"
}

variable "database_tier" {
  description = "Machine of the PostgreSQL instance."
  type        = string
  default     = "db-custom-2-7680"
}

variable "pages_url" {
  description = "Where reviewers reach the pages: https://…; requests for any other host are refused."
  type        = string
  default     = ""
}

variable "api_url" {
  description = "Where everybody reaches the API, the permanent addresses and the dashboard: https://…"
  type        = string
  default     = ""
}

variable "reviewers" {
  description = "Who may open the pages, as IAM members: user:…, group:…"
  type        = set(string)
  default     = []
}

variable "operators_mail" {
  description = "Where alerts are sent."
  type        = string
}

variable "audio_kept_days" {
  description = "Days after which audio moves to the archive class; it is never deleted by a rule."
  type        = number
  default     = 90
}
