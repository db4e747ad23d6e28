using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KeyPortal.Storage.Migrations.SqliteUsage
{
    /// <inheritdoc />
    public partial class Tallies : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // WITHOUT ROWID, as the tables of counts are and for the same reason.
            migrationBuilder.Sql(
                """
                CREATE TABLE "usage_tallies" (
                    "KeyId" TEXT NOT NULL,
                    "Day" INTEGER NOT NULL,
                    "Kind" TEXT NOT NULL,
                    "Value" TEXT NOT NULL,
                    "Count" INTEGER NOT NULL,
                    CONSTRAINT "PK_usage_tallies" PRIMARY KEY ("KeyId", "Day", "Kind", "Value")
                ) WITHOUT ROWID;
                """);

            migrationBuilder.CreateIndex(
                name: "IX_usage_tallies_Day",
                table: "usage_tallies",
                column: "Day");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "usage_tallies");
        }
    }
}
